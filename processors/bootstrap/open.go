package bootstrap

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
)

// Open finds out whether the partition is to be filled, before each run. It asks once: nobody
// else fills the partition while this process owns it.
func (p *Partition) Open(ctx context.Context) error {
	if p.needed {
		if s := p.get(); s.Live() { // an earlier run has done it
			p.needed = false
		}
	}
	if p.opts.Plan == nil || p.asked {
		return nil
	}
	rec, known, err := p.read(ctx)
	if err != nil {
		return err
	}
	p.asked = true
	this := known && rec.Of(p.opts.Changelog)
	if known && rec.Live() {
		// A changelog that was made again later is filled from the source, as ever: the
		// older generation may be gone.
		if this {
			p.opts.Source.SkipTo(rec.Source)
		}
		p.note(rec.Bootstrap)
		return nil
	}
	p.needed = true
	return p.begin(ctx, rec.Bootstrap, this)
}

// begin begins to fill the partition, or goes on where an earlier owner has left it.
func (p *Partition) begin(ctx context.Context, rec wire.Bootstrap, again bool) error {
	now := p.opts.Clock()
	age := now.Sub(time.UnixMicro(rec.Started))
	p.change(func(s *wire.Bootstrap) {
		*s = wire.Bootstrap{
			Partition: p.opts.Partition, Phase: wire.BootstrapReading, From: state.Unknown, Until: state.Unknown, Started: now.UnixMicro(),
		}
		if again && age <= p.opts.MaxAge {
			*s = rec
			s.Phase, s.Failed = wire.BootstrapReading, ""
		}
	})
	if again && age > p.opts.MaxAge {
		return p.fail(ctx, p.unfit("it was begun %s ago and not finished: deletions from then may have been forgotten", age.Round(time.Minute)))
	}
	p.note(p.get())
	return nil
}

// read reads the last report of the partition.
func (p *Partition) read(ctx context.Context) (rec seed.Record, known bool, err error) {
	all, err := seed.Records(ctx, p.opts.Admin, p.opts.Names.Progress)
	if err != nil {
		return rec, false, err
	}
	rec, known = all[p.opts.Partition]
	return rec, known, nil
}
