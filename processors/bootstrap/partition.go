package bootstrap

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
)

// Partition knows whether a partition is to be filled, and how far that is. It outlives runs.
type Partition struct {
	opts       Options
	asked      bool          // whether it is to be filled
	needed     bool          // it is
	positioned bool          // the source is read from where it is to be
	ends       []int64       // of the source, where its records are repartitioned by keys; the feeder only
	looked     chan struct{} // told by the goroutine that folds when the older rows have been looked at

	telling sync.Mutex // held while a record is made and sent: the last one sent tells the newest

	mu  sync.Mutex
	rec wire.Bootstrap
}

// New makes one that nothing is known of.
func New(o Options) *Partition { return &Partition{opts: o, looked: make(chan struct{}, 1)} }

// Needed reports whether the run that comes next, or that goes on, fills the partition.
func (p *Partition) Needed() bool { return p.needed }

// Filled reports whether the partition's rows are the table's, and not an older generation's
// in part.
func (p *Partition) Filled() bool {
	if !p.needed {
		return true
	}
	s := p.get()
	return s.Live()
}

// Replaying reports whether the source is being read again.
func (p *Partition) Replaying() bool {
	_, yes := p.replaying()
	return yes
}

// replaying reports that, and up to which offset.
func (p *Partition) replaying() (until int64, yes bool) {
	if !p.needed {
		return 0, false
	}
	s := p.get()
	return s.Until, s.Phase == wire.BootstrapReplaying
}

func (p *Partition) get() wire.Bootstrap {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rec
}

func (p *Partition) change(fn func(*wire.Bootstrap)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn(&p.rec)
}

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

// read reads what was told of the partition.
func (p *Partition) read(ctx context.Context) (rec seed.Record, known bool, err error) {
	client, err := p.opts.Kafka.Client()
	if err != nil {
		return rec, false, err
	}
	defer client.Close()
	all, err := seed.Records(ctx, client, p.opts.Names.Progress)
	if err != nil {
		return rec, false, err
	}
	rec, known = all[p.opts.Partition]
	return rec, known, nil
}

func (p *Partition) unfit(format string, args ...any) error {
	return &seed.UnfitError{Table: p.opts.Table.Name, Why: fmt.Sprintf(format, args...)}
}
