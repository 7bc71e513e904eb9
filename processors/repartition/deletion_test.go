package repartition

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// TestTombstoneBehindItsDeletion tells a connector's tombstone, which says nothing that
// its deletion has not said, from one that is all there is of a deletion.
func TestTombstoneBehindItsDeletion(t *testing.T) {
	gone, row := []cdc.Part{{Op: tables.Delete}}, []cdc.Part{{Op: tables.Upsert}}
	event := func(offset int64, key string) *kgo.Record {
		return &kgo.Record{Offset: offset, Key: []byte(key), Value: []byte("{}")}
	}
	tombstone := func(offset int64, key string) *kgo.Record { return &kgo.Record{Offset: offset, Key: []byte(key)} }
	for name, c := range map[string]struct {
		before *kgo.Record
		parts  []cdc.Part
		is     *kgo.Record
		want   bool
	}{
		"behind its deletion":           {event(4, "a"), gone, tombstone(5, "a"), true},
		"behind another key's":          {event(4, "b"), gone, tombstone(5, "a"), false},
		"behind a row":                  {event(4, "a"), row, tombstone(5, "a"), false},
		"something between was removed": {event(4, "a"), gone, tombstone(7, "a"), false},
		"behind another tombstone":      {tombstone(4, "a"), gone, tombstone(5, "a"), false},
	} {
		var d deletion
		if d.then(c.before, c.parts) {
			t.Errorf("%s: the first record counts as one", name)
		}
		if got := d.then(c.is, gone); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
