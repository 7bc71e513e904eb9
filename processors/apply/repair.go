package apply

import (
	"bytes"
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Repair writes what the state has for the key to the changelog again.
func (a *Applier) Repair(e bus.Event) error {
	k := target{key: e.Key, acks: e.Message}
	b, err := a.store.Get(k.key)
	if err != nil {
		return err
	}
	a.opts.Metrics.Repaired.Inc()
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		a.opts.Events.RowRepaired(events.RowRepaired{Offset: row.Offset})
		return a.opts.Rows.Put(k.key, bytes.Clone(b), rowwriter.OriginOf(row.Offset, b), k.acks.DeferCommit())
	}
	t, ok, err := a.store.Tomb(k.key)
	if err != nil || !ok {
		return err
	}
	a.opts.Events.DeletionRepaired(events.DeletionRepaired{Offset: t.Offset})
	return a.RemoveAgain(k.key, k.acks, t)
}

// RemoveAgain writes a deletion that is known to the changelog again.
func (a *Applier) RemoveAgain(key string, acks bus.Deferrer, t state.Tomb) error {
	d, err := deletionIn(t)
	if err != nil {
		return err
	}
	again := rowwriter.Deletion{Says: d, From: rowwriter.OriginOfDeletion(t.Offset, &d), Offset: t.Offset}
	if d.NewKey != "" {
		if _, again.BeforeImage, err = a.lastOf(tables.Key(key), d.NewKey, d.Source); err != nil {
			return err
		}
	}
	return a.opts.Rows.Delete(key, &again, acks.DeferCommit())
}

// deletionIn returns the deletion that a tombstone of the state holds.
func deletionIn(t state.Tomb) (wire.Deletion, error) {
	if t.Deletion == nil {
		return wire.Deletion{Read: t.Read}, nil
	}
	return wire.ParseDeletion(t.Deletion)
}
