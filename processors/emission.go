package processors

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// The pace of trying a batch again. Ingestion goes on meanwhile.
const (
	emitAgainMin = time.Second
	emitAgainMax = 30 * time.Second
)

// emissions is what is to be emitted next. Only the newest cut waits: a batch has all
// that an older one would have.
type emissions struct {
	mu      sync.Mutex
	waiting *cutRequest
	over    bool
	wake    chan struct{}
}

func newEmissions() emissions { return emissions{wake: make(chan struct{}, 1)} }

// put lets a cut wait, and gives back the one that it supersedes.
func (e *emissions) put(q *cutRequest) {
	e.mu.Lock()
	old := e.waiting
	if e.over {
		old = q
	} else {
		e.waiting = q
	}
	e.mu.Unlock()
	if old != nil {
		old.cut.Release()
	}
	tell(e.wake)
}

// take returns the cut that waits, or nil.
func (e *emissions) take() *cutRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	q := e.waiting
	e.waiting = nil
	return q
}

// superseded reports whether a newer cut waits.
func (e *emissions) superseded() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.waiting != nil
}

// end gives back what nobody takes any more.
func (e *emissions) end() {
	e.mu.Lock()
	e.over = true
	e.mu.Unlock()
	if q := e.take(); q != nil {
		q.cut.Release()
	}
}

// emitLoop emits the batches of the run, one after the other.
func (r *run) emitLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.emissions.wake:
		}
		for q := r.emissions.take(); q != nil; q = r.emissions.take() {
			r.emitUntilDone(ctx, q)
			q.cut.Release()
		}
	}
}

// emitUntilDone emits a batch, again and again if need be: a topic that does not take
// it is no reason to stop ingestion. One that failed is given up for a newer one that
// waits. A failed changelog or a damaged state ends the run.
func (r *run) emitUntilDone(ctx context.Context, q *cutRequest) {
	select {
	case <-ctx.Done():
		return
	case b := <-q.changelog:
		if b.err != nil {
			return // the run is ending for it
		}
		q.next = b.next
	}
	for wait := emitAgainMin; ; wait = min(2*wait, emitAgainMax) {
		err := r.emitBatch(ctx, q)
		if err == nil || ctx.Err() != nil {
			return
		}
		err = fmt.Errorf("emit batch %d: %w", q.control.Batch, err)
		if r.store.Damage() != nil {
			r.stop(err)
			return
		}
		r.metrics.batchFailures.Inc()
		r.logger.Warn("batch not emitted, it is tried again", "error", err, "after", wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if r.emissions.superseded() {
			r.logger.Warn("batch given up for a newer one", "batch", q.control.Batch)
			return
		}
	}
}

// emission is one batch of one partition in the making.
type emission struct {
	*run
	ctx     context.Context
	q       *cutRequest
	out     *pace
	hashes  *state.Hashes
	rows    int64
	sum     uint64
	changed int64
}

// emitBatch writes the rows that changed since the partition's last batch, then the
// manifest. Until that is acknowledged a crash leaves the marks and the barrier in the
// state, so that the batch is taken again, later and complete.
func (r *run) emitBatch(ctx context.Context, q *cutRequest) error {
	began := time.Now()
	last, exists, err := r.catalog.last(ctx, r.partition)
	if err != nil {
		return err
	}
	if exists && q.control.Batch <= last.Batch {
		return r.store.DropBarrier(last.Batch)
	}
	e := &emission{run: r, ctx: ctx, q: q, out: newPace(r.writer, r.opts.EmitBytes), hashes: r.store.Hashes()}
	if err := e.write(last, exists); err != nil {
		return err
	}
	snapshot, err := e.snapshotEnd(last)
	if err != nil {
		return err
	}
	m := wire.Manifest{
		Batch: q.control.Batch, Partition: r.partition, Partitions: r.partitions,
		Source: q.source, Changelog: q.next, Snapshot: snapshot,
		Rows: e.rows, Changed: e.changed, Checksum: e.sum,
		Started: q.control.Started, Finished: r.opts.Clock().UnixMicro(),
		Fingerprint: r.fingerprint, Trigger: q.control.Trigger,
	}
	if err := e.publish(m); err != nil {
		return err
	}
	r.metrics.batchSeconds.Observe(time.Since(began).Seconds())
	r.logger.Info("batch emitted", "batch", m.Batch, "rows", m.Rows, "changed", m.Changed, "took", time.Since(began))
	return nil
}

// write emits the records and counts the rows. How depends on what is known of the
// partition's last batch.
func (e *emission) write(last wire.Manifest, exists bool) error {
	known, ok, err := e.store.Emitted()
	if err != nil {
		return err
	}
	counted := ok && known.Complete && exists && known.Batch == last.Batch
	begun := known
	begun.Batch, begun.Complete = e.q.control.Batch, false
	if err := e.store.SetEmitted(begun); err != nil {
		return err
	}
	whole, err := e.store.Whole()
	if err != nil {
		return err
	}
	switch {
	case !exists:
		err = e.everything()
	case whole:
		if err = e.everything(); err == nil {
			err = e.deletions()
		}
	case counted:
		e.rows, e.sum = known.Rows, known.Checksum
		err = e.q.cut.Marked(known.Epoch, false, e.difference)
	default:
		if err = e.count(); err == nil {
			err = e.q.cut.Marked(0, true, e.emit)
		}
	}
	if err == nil {
		err = e.hashes.Write()
	}
	if err == nil {
		err = e.out.wait(e.ctx)
	}
	return err
}

// everything is the first batch: all rows, and a tombstone for each key that is known to be gone.
func (e *emission) everything() error {
	if err := e.hashes.Wipe(); err != nil {
		return err
	}
	err := e.q.cut.Rows(func(key, row []byte) error {
		visible, err := e.add(key, row)
		if err != nil || !visible && !e.several() { // what another partition has of the key is compared with it
			return err
		}
		return e.emit(key, row)
	})
	if err != nil {
		return err
	}
	return e.q.cut.Marked(0, true, func(key, row []byte) error {
		if row != nil {
			return nil
		}
		return e.emit(key, nil)
	})
}

// deletions writes a tombstone for each key that is known to be deleted and has no row.
func (e *emission) deletions() error {
	return e.store.EachTomb(func(key string, _ state.Tomb) error {
		if had, err := e.q.cut.Has([]byte(key)); had || err != nil {
			return err
		}
		return e.emit([]byte(key), nil)
	})
}

// count makes rows, checksum and hashes anew, where those of the last batch are not at hand.
func (e *emission) count() error {
	if err := e.hashes.Wipe(); err != nil {
		return err
	}
	return e.q.cut.Rows(func(key, row []byte) error {
		_, err := e.add(key, row)
		return err
	})
}

// add counts a row, unless it is hidden.
func (e *emission) add(key, b []byte) (bool, error) {
	if err := e.ctx.Err(); err != nil {
		return false, err
	}
	row, err := wire.ParseStateRow(b)
	if err != nil || row.Hidden {
		return false, err
	}
	h := wire.RowHash(tables.Key(key), row.ValueBytes)
	e.rows++
	e.sum += h
	return true, e.hashes.Set(key, h)
}

// difference counts and emits a row that changed since the last batch.
func (e *emission) difference(key, b []byte) error {
	old, had, err := e.hashes.Get(key)
	if err != nil {
		return err
	}
	if had {
		e.rows--
		e.sum -= old
	}
	visible := false
	if b != nil {
		if visible, err = e.add(key, b); err != nil {
			return err
		}
	}
	if had && !visible {
		if err := e.hashes.Drop(key); err != nil {
			return err
		}
	}
	return e.emit(key, b)
}

// emit writes a row's snapshot record: a tombstone when it is gone or hidden.
func (e *emission) emit(key, b []byte) error {
	rec := kgo.Record{Topic: e.names.Snapshot, Partition: e.partition, Key: append([]byte(nil), key...)}
	var hidden *wire.StateRow
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err != nil {
			return err
		}
		if !row.Hidden {
			rec.Value = wire.AppendSnapshotRecord(make([]byte, 0, len(b)+11), e.q.control.Batch, b)
		}
		hidden = &row
	}
	if rec.Value == nil && e.several() {
		told, err := e.told(key, hidden)
		if err != nil {
			return err
		}
		if told != nil {
			rec.Headers = []kgo.RecordHeader{{Key: wire.DeletionName, Value: told}}
		}
	}
	e.changed++
	return e.out.send(e.ctx, rec)
}

// told is what a tombstone says of a deletion, or of a row that is hidden: a reader needs
// it where another partition has something of the key, too.
func (e *emission) told(key []byte, hidden *wire.StateRow) ([]byte, error) {
	if hidden != nil {
		d := wire.Deletion{Read: hidden.Time, Time: hidden.Time, Source: hidden.Source, Logged: hidden.Logged, Hidden: true}
		return wire.AppendDeletion(nil, &d), nil
	}
	t, _, err := e.q.cut.Tomb(key)
	return givenUpOnly(bytes.Clone(t.Told)), err
}

// snapshotEnd is the next offset of the snapshot topic after the batch's records.
func (e *emission) snapshotEnd(last wire.Manifest) (int64, error) {
	if e.out.last >= 0 {
		return e.out.last + 1, nil
	}
	ends, err := kafka.EndOffsets(e.ctx, e.writer.client, e.names.Snapshot)
	if err != nil {
		return 0, err
	}
	if int(e.partition) >= len(ends) {
		return last.Snapshot, nil
	}
	return ends[e.partition], nil
}

// publish writes the manifest, and then forgets what was needed to make the batch.
func (e *emission) publish(m wire.Manifest) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	rec := kgo.Record{
		Topic: e.names.Batches, Key: wire.AppendManifestKey(nil, m.Batch, m.Partition),
		Value: wire.AppendManifest(nil, m), Headers: []kgo.RecordHeader{{Key: changelogName, Value: e.changelogID[:]}},
	}
	if err := e.out.send(e.ctx, rec); err != nil {
		return err
	}
	if err := e.out.wait(e.ctx); err != nil {
		return err
	}
	e.catalog.add(m)
	done := state.Emitted{Batch: m.Batch, Rows: m.Rows, Checksum: m.Checksum, Epoch: e.q.cut.Epoch(), Complete: true}
	if err := e.store.SetEmitted(done); err != nil {
		return err
	}
	if err := e.store.DropBarrier(m.Batch); err != nil {
		return err
	}
	if err := e.store.ClearWhole(); err != nil {
		return err
	}
	return e.store.Clear(done.Epoch)
}
