package truncate

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// A truncate of another partition removes what is older, each row under its own offset, and is
// confirmed when that is acknowledged.
func TestATruncateOfAnotherPartitionIsConfirmed(t *testing.T) {
	p := newPartition(t, 1, 2)
	p.put("old", 1, 40)
	p.put("new", 2, 60)
	p.hold = true
	results := p.control(7, wire.Control{Kind: wire.TruncateControl, Partition: 0, Offset: 8, Time: 50})
	if len(p.sent) > 0 || len(p.finished) > 0 || len(*results) > 0 {
		t.Errorf("it is confirmed before the tombstone is acknowledged: %v, %v", p.sent, *results)
	}
	p.unacked[0](nil)
	if len(p.sent) != 1 || p.sent[0].Kind != wire.TruncatedControl || p.sent[0].Offset != 8 || p.sent[0].Partition != 1 || p.to[0] != 0 {
		t.Errorf("the confirmation is %+v to %v", p.sent, p.to)
	}
	if len(p.finished) > 0 {
		t.Error("the record is done before the confirmation is acknowledged")
	}
	p.unacked[1](nil)
	if !isDone(results) || !slices.Equal(p.finished, []int64{7}) {
		t.Errorf("told %v, done are %v", *results, p.finished)
	}
	if !slices.Equal(p.gone, []tombstone{{"old", 1, 1}}) || !slices.Equal(p.rows(), []string{"new"}) {
		t.Errorf("the tombstones are %v, left is %v", p.gone, p.rows())
	}
	late := tables.Change{Op: tables.Upsert, Offset: 9, Time: 40}
	if !p.Outlived(&late, 1) {
		t.Error("an event from before it, which is read later, is not outlived")
	}
}

// Where records are repartitioned by keys, each partition has the truncate at its offset, and asks nobody.
func TestARepartitionedTruncateIsMetInEachPartition(t *testing.T) {
	for name, alone := range map[string]bool{"of the only partition": true, "of one of several": false} {
		t.Run(name, func(t *testing.T) {
			p := newPartition(t, 1, 2, func(o *Options) { o.Repartitioned = true })
			p.put("old", 1, 40)
			p.put("newer elsewhere", 2, 60)
			if results := p.meet(Event{Offset: 5, Time: 50, Partition: 3, SourceOffset: 30, Alone: alone}); !isDone(results) {
				t.Errorf("told %v", *results)
			}
			want := []string{"newer elsewhere"}
			if alone {
				want = nil
			}
			if !slices.Equal(p.rows(), want) {
				t.Errorf("left is %v, want %v", p.rows(), want)
			}
			if len(p.to) != 1 || p.to[0] != 1 {
				t.Errorf("control records were sent to %v", p.to)
			}
			late := tables.Change{Op: tables.Upsert, Offset: 9, Time: 40}
			if p.Outlived(&late, 2) == alone || p.Outlived(&late, 3) {
				t.Error("an older event of another partition is not the one that is outlived")
			}
		})
	}
}
