package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/persist"
)

// ErrChecksum is returned for a batch whose rows differ from its manifests.
var ErrChecksum = errors.New("rows differ from the batch's manifests")

// ErrCutPassed is returned for a batch whose cut lies before what the base already
// holds. Such a batch comes from the snapshot topic.
var ErrCutPassed = errors.New("the base is past the batch's cut")

// Cut says where a batch ends and what its manifests say of it.
type Cut = persist.Cut

// Batch is a complete batch, in memory.
type Batch struct {
	Cut
	base  *base
	cores int
}

// Snapshot returns the batch's rows for reading.
func (b *Batch) Snapshot() *Snapshot {
	g := &generation{layout: b.base.layout, base: b.base, tombstones: newTombstones(b.base.rows), delta: newDelta(b.base.layout)}
	v := &version{generation: g, rows: b.base.rows, batch: b.Batch, number: b.Batch, position: b.Source}
	return &Snapshot{v: v, cores: b.cores, nonce: b.Checksum}
}

// Seal makes everything before a cut the base and returns it. All changes before
// the cut must have been applied; readers and Apply go on meanwhile, but for a swap
// of a few milliseconds at the end. On an error nothing has changed.
func (s *Store) Seal(ctx context.Context, cut Cut) (*Batch, error) {
	s.merging.Lock()
	defer s.merging.Unlock()
	v := s.current.Load()
	for p, merged := range v.base.changelog {
		if tables.Position(cut.Changelog).At(int32(p)) < merged {
			return nil, fmt.Errorf("batch %d, partition %d: cut %d, base %d: %w",
				cut.Batch, p, tables.Position(cut.Changelog).At(int32(p)), merged, ErrCutPassed)
		}
	}
	began := time.Now()
	m := newMerge(v, cut.Changelog)
	switch rows, sum := int64(m.rows()), m.checksum(); {
	case cut.Unproven:
		cut.Rows, cut.Checksum = rows, sum
	case rows != cut.Rows || sum != cut.Checksum:
		s.metrics.mismatches.Inc()
		return nil, fmt.Errorf("batch %d: %d rows with checksum %016x, the manifests say %d with %016x: %w",
			cut.Batch, rows, sum, cut.Rows, cut.Checksum, ErrChecksum)
	}
	two := m.paceCollector()
	defer two.failed()
	base, err := m.build(ctx, cut.Checksum, s.mergeCores())
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", cut.Batch, err)
	}
	b := &Batch{Cut: cut, base: base, cores: s.cores}
	base.batch = b
	err = s.swap(ctx, m, base, func(v *version) {
		v.batch = cut.Batch
		for p, o := range cut.Changelog {
			s.applied = tables.Position(s.applied).Set(int32(p), max(o, tables.Position(s.applied).At(int32(p))))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", cut.Batch, err)
	}
	s.merged("seal", m, time.Since(began))
	two.swapped(s)
	return b, nil
}

// mergeCores leaves cores to readers.
func (s *Store) mergeCores() int { return max(1, s.cores/2) }

func (s *Store) merged(kind string, m *merge, took time.Duration) {
	s.events.Merged(events.Merged{Kind: kind, Rows: m.rows(), Added: len(m.added), Removed: len(m.removed), Took: took})
}

// slice is how many entries a swap replays at a time while it makes the writer
// wait; the writer goes on in between.
const slice = 4 << 10

// swap makes base, the outcome of m, the base of a new generation. It replays the
// entries that m left until the writer is only a few ahead, and then, while the
// writer waits, the last of them.
func (s *Store) swap(ctx context.Context, m *merge, base *base, adjust func(*version)) error {
	next := version{generation: newGeneration(base), rows: base.rows}
	w := writer{version: &next, at: 1}
	done := 0
	for round := 0; ; round++ {
		v := s.current.Load()
		if v.count-done <= v.layout.tuning.tail {
			break
		}
		if round >= v.layout.tuning.rounds { // a writer as fast as the replay would never be caught up with
			n, err := s.replaySlice(ctx, &w, done, m)
			if err != nil {
				return err
			}
			done = n
			continue
		}
		if err := w.replay(ctx, v, done, v.count, m); err != nil {
			return err
		}
		done = v.count
	}
	s.write.Lock()
	defer s.write.Unlock()
	began := time.Now()
	v := s.current.Load()
	if err := w.replay(context.WithoutCancel(ctx), v, done, v.count, m); err != nil {
		return err
	}
	next.clock, next.number, next.batch, next.position = 1, v.number, v.batch, v.position
	if next.rows != v.rows {
		return fmt.Errorf("%d rows became %d in a merge", v.rows, next.rows)
	}
	adjust(&next)
	s.publish(&next)
	s.metrics.swap.Observe(time.Since(began).Seconds())
	return nil
}

// replaySlice replays some entries while the writer waits, and returns how far it came.
func (s *Store) replaySlice(ctx context.Context, w *writer, done int, m *merge) (int, error) {
	s.write.Lock()
	defer s.write.Unlock()
	v := s.current.Load()
	to := min(done+slice, v.count)
	return to, w.replay(ctx, v, done, to, m)
}

// replay applies v's entries from from to to that a merge has left.
func (w *writer) replay(ctx context.Context, v *version, from, to int, m *merge) error {
	var values []tables.Value
	for entry := from; entry < to; entry++ {
		if entry&(column.BlockRows-1) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if m.took(v, entry) {
			continue
		}
		ch, i := at(v.chunks, entry)
		r := deltaRef | ref(entry)
		c := Change{Partition: ch.part[i], Offset: ch.offset[i], Key: tables.Key(v.appendKey(nil, r))}
		if !ch.gone[i] {
			values = v.appendValues(values[:0], r)
			c.Values = values
		}
		w.apply(&c)
	}
	return nil
}

// before reports whether an entry lies before a cut.
func (v *version) before(entry int, cut []int64) bool {
	ch, i := at(v.chunks, entry)
	return ch.offset[i] < 0 || ch.offset[i] < tables.Position(cut).At(ch.part[i])
}
