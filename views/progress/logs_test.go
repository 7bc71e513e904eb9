package progress

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func TestConnectorOfATopic(t *testing.T) {
	for topic, want := range map[string]string{
		"shop.public.orders": "shop", "eu.shop.public.orders": "eu.shop", "orders": "", "public.orders": "", ".public.orders": "", "": "",
	} {
		if got := ConnectorOf(topic); got != want {
			t.Errorf("connectorOf(%q) = %q, want %q", topic, got, want)
		}
	}
}

// TestTheEpochThatMovedLastCounts shows that a database's other server has positions of its own, lower or not.
func TestTheEpochThatMovedLastCounts(t *testing.T) {
	at := func(epoch uint32, file uint64) []tables.SourcePosition {
		return []tables.SourcePosition{{Kind: tables.SourceMySQL, Epoch: epoch, Major: file}}
	}
	l, reported := NewLogs(), 0
	defer l.Notify(func() { reported++ })()
	for i, step := range []struct {
		raise    []tables.SourcePosition
		head     uint64
		reported int
	}{
		{at(11, 42), 42, 1}, {at(11, 41), 42, 1}, {at(22, 7), 7, 2}, {at(11, 42), 7, 2}, {at(22, 8), 8, 3},
		{[]tables.SourcePosition{{}, {Kind: tables.SourceMySQL, Epoch: 22, Major: 99, Snapshot: true}}, 8, 3},
	} {
		l.Raise("shop", step.raise)
		if head, ok := l.Head("shop"); !ok || head.Major != step.head || reported != step.reported {
			t.Errorf("step %d: head %+v, told %d times, want %d and %d", i, head, reported, step.head, step.reported)
		}
	}
	if _, ok := l.Head("other"); ok {
		t.Error("another connector's log is known")
	}
	var none *Logs
	none.Raise("shop", at(1, 1))
	if _, ok := none.Head("shop"); ok {
		t.Error("no logs know a position")
	}
}
