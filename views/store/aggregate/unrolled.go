package aggregate

import "github.com/tidemark/tidemark/views/store/column"

// partialSums are sums of few groups. Consecutive rows are often of one group, and
// an addition to a sum in memory waits for the last one: four of them do not wait for
// each other.
type partialSums [4][partialGroups]int64

const partialGroups = 64

// drain adds them to sums.
func (p *partialSums) drain(sums []int64) {
	for g := range sums {
		sums[g] += p[0][g] + p[1][g] + p[2][g] + p[3][g]
	}
}

// countGroups adds the rows of each group to n.
func countGroups(n []int64, groups []uint32) {
	if len(n) > partialGroups || len(groups) < column.BlockRows {
		for _, g := range groups {
			n[g]++
		}
		return
	}
	var p partialSums
	for groups = groups[:column.BlockRows]; len(groups) >= 4; groups = groups[4:] {
		p[0][groups[0]%partialGroups]++
		p[1][groups[1]%partialGroups]++
		p[2][groups[2]%partialGroups]++
		p[3][groups[3]%partialGroups]++
	}
	p.drain(n)
}

// sumGroups adds the values of a whole block, each low more than it is written, to
// their groups' sums.
func sumGroups[T column.Unsigned](sums []int64, groups []uint32, values []T, low int64) {
	groups, values = groups[:column.BlockRows], values[:column.BlockRows]
	if len(sums) > partialGroups {
		for i, x := range values {
			sums[groups[i]] += low + int64(x)
		}
		return
	}
	var p partialSums
	for ; len(groups) >= 4 && len(values) >= 4; groups, values = groups[4:], values[4:] {
		p[0][groups[0]%partialGroups] += low + int64(values[0])
		p[1][groups[1]%partialGroups] += low + int64(values[1])
		p[2][groups[2]%partialGroups] += low + int64(values[2])
		p[3][groups[3]%partialGroups] += low + int64(values[3])
	}
	p.drain(sums)
}
