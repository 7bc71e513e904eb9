package query

import "strings"

// Nearest returns the one of the valid names that name was probably meant to be:
// equal but for case, or few slips of the finger away. It is empty when none is.
func Nearest(name string, valid []string) string {
	const longest = 64 // longer names are no slip, and the distance costs their product
	if len(name) > longest {
		return ""
	}
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, v := range valid {
		if strings.EqualFold(v, name) {
			return v
		}
		if len(v) > longest {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(v)); d < bestDistance && d < len(v) {
			best, bestDistance = v, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between a and b (optimal string alignment).
func distance(a, b string) int {
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
