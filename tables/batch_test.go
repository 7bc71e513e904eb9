package tables_test

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// TestKeptBatches has batches by how many newer ones there are and by their age.
func TestKeptBatches(t *testing.T) {
	const h = time.Hour
	for _, c := range []struct {
		name   string
		policy tables.BatchPolicy
		newer  int
		age    time.Duration
		kept   bool
	}{
		{"the newest, whatever the policy", tables.BatchPolicy{}, 0, 1000 * h, true},
		{"the second without a policy", tables.BatchPolicy{}, 1, 0, false},
		{"among the last", tables.BatchPolicy{KeepLast: 3}, 2, 1000 * h, true},
		{"behind the last", tables.BatchPolicy{KeepLast: 3}, 3, h, false},
		{"behind the last, and young", tables.BatchPolicy{KeepLast: 3, KeepFor: 2 * h}, 50, h, true},
		{"just young enough", tables.BatchPolicy{KeepLast: 3, KeepFor: 2 * h}, 3, 2 * h, true},
		{"just old enough to go", tables.BatchPolicy{KeepLast: 3, KeepFor: 2 * h}, 3, 2*h + 1, false},
		{"old, and among the last", tables.BatchPolicy{KeepLast: 3, KeepFor: 2 * h}, 1, 3 * h, true},
	} {
		if got := c.policy.Keeps(c.newer, c.age); got != c.kept {
			t.Errorf("%s: kept %v, want %v", c.name, got, c.kept)
		}
	}
}
