package processors

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// Here package outrun is given what it needs of a table, and of a run.

// KeepRows says whether rows are given up: not while a generation is filled from another one,
// in neither of them. Who counts what becomes of the rows then counts each once.
func (p *Processor) KeepRows(all bool) { p.outruns.KeepRows(all) }

// Outrun names keys that several partitions have something of. It does not wait; what
// other processes own is theirs to ask for.
func (p *Processor) Outrun(all []wire.DuplicateKey) { p.outruns.Add(all, p.status.owns) }

// newOutruns makes what gives rows up. It is of the goroutine that folds.
func (r *run) newOutruns() *outrun.Outruns {
	return outrun.New(outrun.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Several: r.several(), Filled: r.boot.Filled,
		Named: r.outruns, Rows: r.rows, Producer: r.writer,
		Again: func(key string, t state.Tomb, acks *rowwriter.Acks) error {
			return r.applier.RemoveAgain(key, acks, t)
		},
		Made: func() uint64 {
			last, _ := r.catalog.Known(r.partition)
			return last.Batch
		},
		Asked: r.cutter.Asked, Whole: func(fed int64) bool { return r.cutAt(fed) >= r.wholeFrom }, Alive: r.ctx.Err,
		Unreadable: func(at int64, err error) { r.noteUnreadable(r.names.Batch, at, err) },
		Clock:      r.opts.Clock, Events: r.events, Count: r.metrics.givenUp,
	})
}
