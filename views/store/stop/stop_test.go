package stop

import (
	"cmp"
	"slices"
	"testing"
)

func TestASortOfAQueryThatIsOverEnds(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	numbers := make([]int, 100_000)
	for i := range numbers {
		numbers[i] = i * 7919 % len(numbers)
	}
	calls := 0
	slices.SortFunc(numbers, Until(ended, func(a, b int) int { calls++; return cmp.Compare(a, b) }))
	if calls > Step {
		t.Errorf("%d comparisons were made", calls)
	}
}
