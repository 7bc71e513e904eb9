package bootstrap

import (
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
)

// Partition knows whether a partition is to be filled, and how far that is. It outlives runs.
type Partition struct {
	opts       Options
	asked      bool          // whether it is to be filled
	needed     bool          // it is
	positioned bool          // the source is read from where it is to be
	ends       []int64       // of the source, where its records are repartitioned by keys; the feeder only
	looked     chan struct{} // signalled by the goroutine that folds when the older rows have been looked at

	telling sync.Mutex // held while a record is made and sent: the last one sent is the newest

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

func (p *Partition) unfit(format string, args ...any) error {
	return &seed.UnfitError{Table: p.opts.Table.Name, Why: fmt.Sprintf(format, args...)}
}
