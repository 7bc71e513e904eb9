package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// TestALargeMergeReportsThatTwoBasesAreInMemory takes two batches: the first base is small, so
// that its merge is not reported, the second is large.
func TestALargeMergeReportsThatTwoBasesAreInMemory(t *testing.T) {
	begun, over := 0, make(chan struct{})
	s, err := New(Options{Table: accountsTable(), TwoBases: func() func() {
		begun++
		return func() { close(over) }
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	const rows, size = 72, 1 << 20
	for id := range rows {
		row := rowOf(id, 1)
		row[1] = tables.StringValue(fmt.Sprint(id, strings.Repeat("x", size)))
		apply(t, s, Change{Offset: int64(id), Key: keyOf(id), Values: row}, tables.Position{int64(id) + 1})
	}
	seal := func(id uint64) {
		cut := Cut{Batch: id, Changelog: []int64{rows}, Source: []int64{rows}, Unproven: true}
		if _, err := s.Seal(t.Context(), cut); err != nil {
			t.Fatal(err)
		}
	}
	seal(1)
	if begun != 0 {
		t.Error("the merge of an empty base was reported")
	}
	seal(2)
	if begun != 1 {
		t.Errorf("%d merges of a large base were reported, want 1", begun)
	}
	<-over
}
