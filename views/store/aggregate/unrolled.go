package aggregate

import "github.com/tidemark/tidemark/views/store/column"

// lanes are partial sums of few groups. Consecutive rows are often of one group, and
// an addition to a sum in memory waits for the last one: four lanes do not wait for
// each other.
type lanes [4][laneGroups]int64

const laneGroups = 64

// drain adds the lanes to sums.
func (l *lanes) drain(sums []int64) {
	for g := range sums {
		sums[g] += l[0][g] + l[1][g] + l[2][g] + l[3][g]
	}
}

// countGroups adds the rows of each group to n.
func countGroups(n []int64, groups []uint32) {
	if len(n) > laneGroups || len(groups) < column.BlockRows {
		for _, g := range groups {
			n[g]++
		}
		return
	}
	var l lanes
	for groups = groups[:column.BlockRows]; len(groups) >= 4; groups = groups[4:] {
		l[0][groups[0]%laneGroups]++
		l[1][groups[1]%laneGroups]++
		l[2][groups[2]%laneGroups]++
		l[3][groups[3]%laneGroups]++
	}
	l.drain(n)
}

// sumGroups adds the values of a whole block, each low more than it is written, to
// their groups' sums.
func sumGroups[T column.Unsigned](sums []int64, groups []uint32, values []T, low int64) {
	groups, values = groups[:column.BlockRows], values[:column.BlockRows]
	if len(sums) > laneGroups {
		for i, x := range values {
			sums[groups[i]] += low + int64(x)
		}
		return
	}
	var l lanes
	for ; len(groups) >= 4 && len(values) >= 4; groups, values = groups[4:], values[4:] {
		l[0][groups[0]%laneGroups] += low + int64(values[0])
		l[1][groups[1]%laneGroups] += low + int64(values[1])
		l[2][groups[2]%laneGroups] += low + int64(values[2])
		l[3][groups[3]%laneGroups] += low + int64(values[3])
	}
	l.drain(sums)
}
