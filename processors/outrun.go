package processors

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
)

// A key whose bytes have changed has a row or a deletion in several partitions, and views
// serve the latest. The others would stay for ever: a tombstone is compacted away in time,
// and then nothing says that an older row of another partition is none any more. So such
// rows are given up. A view of this process names the keys (Outrun), the owner of the
// partition that has the latest change asks the others by control records, and each gives
// its row up itself, in its place among its other changes: see giveup.go.

// What bounds the asking: more is named again in a later round of the view.
const (
	outrunsKept   = 4096 // per partition, from one look of the feeder to the next
	outrunsAtOnce = 64   // in a control record, which is dealt with at one go
)

// outruns are keys that views have named, by the partition that has the latest change.
type outruns struct {
	kept atomic.Bool // no row is given up while it is set
	mu   sync.Mutex
	keys map[int32][]wire.Doubled
}

// KeepRows says whether rows are given up: not while a generation is filled from another one,
// in neither of them. Who counts what becomes of the rows then counts each once.
func (p *Processor) KeepRows(all bool) { p.outruns.kept.Store(all) }

// Outrun names keys that several partitions have something of. It does not wait; what
// other processes own is theirs to ask for.
func (p *Processor) Outrun(all []wire.Doubled) {
	o := &p.outruns
	for i := range all {
		at := all[i].Partition
		if !p.status.owns(at) {
			continue
		}
		o.mu.Lock()
		if o.keys == nil {
			o.keys = map[int32][]wire.Doubled{}
		}
		if len(o.keys[at]) < outrunsKept {
			o.keys[at] = append(o.keys[at], all[i])
		}
		o.mu.Unlock()
	}
}

// waiting reports whether keys of a partition have been named.
func (o *outruns) waiting(partition int32) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.keys[partition]) > 0
}

func (o *outruns) take(partition int32) []wire.Doubled {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.keys[partition]
	delete(o.keys, partition)
	return all
}

// tellOutruns has the callback's goroutine ask for what views have named.
func (r *run) tellOutruns(ctx context.Context) bool {
	return !r.outruns.waiting(r.partition) || r.feeder.sendEvent(ctx, bus.Event{Kind: bus.Outrun})
}

// askOthers asks the owners of other partitions to give up rows that this one has a later
// change of, where the state says so, too. Nobody waits for the answer: a record that is lost
// is written again when the view names the key once more.
func (r *run) askOthers(bus.Event) error {
	named := r.outruns.take(r.partition)
	if !r.several() || !r.isFilled() || r.outruns.kept.Load() {
		return nil
	}
	ask := map[int32][]wire.Outrun{}
	for i := range named {
		d := &named[i]
		if is, err := r.isLatest(d); err != nil {
			return err
		} else if !is {
			continue
		}
		for _, p := range d.Losing {
			if p != r.partition && p >= 0 && p < r.partitions {
				ask[p] = append(ask[p], d.Outrun)
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(ask)) {
		for some := range slices.Chunk(ask[p], outrunsAtOnce) {
			r.ask(p, some)
		}
	}
	return nil
}

// isLatest reports whether the partition's newest change of a key is the one that the view
// has read: then the changelog has it. A deletion may have been forgotten here.
func (r *run) isLatest(d *wire.Doubled) (bool, error) {
	b, err := r.store.Get(string(d.Key))
	if err != nil {
		return false, err
	}
	if b != nil {
		row, err := wire.ParseStateRow(b)
		return err == nil && row.Standing() == d.Later, nil //nolint:nilerr // of a row that nobody can read nothing is known
	}
	t, there, err := r.store.Tomb(string(d.Key))
	if err != nil || !there {
		return d.Deletion, err
	}
	if t.Told == nil || wire.IsGivenUp(t.Told) {
		return false, nil
	}
	told, err := wire.ParseDeletion(t.Told)
	return err == nil && told.Standing() == d.Later, err
}

// ask writes a control record. It names the newest batch that this partition has met: what
// is asked for is not done before the other one has made that, so that no batch misses a row
// that is in none of its partitions.
func (r *run) ask(partition int32, some []wire.Outrun) {
	last, _ := r.catalog.Known(r.partition)
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.GiveUp, Batch: max(last.Batch, r.cutter.Asked()), Started: r.opts.Clock().UnixMicro(),
		Partition: r.partition, Body: string(wire.AppendOutruns(nil, some)),
	})
	rec := kgo.Record{Topic: r.names.Batch, Partition: partition, Value: value}
	r.writer.Send(&rec, func(_ *kgo.Record, err error) {
		if err != nil {
			r.logger.Debug("partition not asked to give up rows", "other", partition, "error", err)
		}
	})
}

// isFilled reports whether the partition's rows are the table's, and not an older generation's
// in part.
func (r *run) isFilled() bool {
	if r.filling == nil {
		return true
	}
	s := r.filling.get()
	return s.Live()
}
