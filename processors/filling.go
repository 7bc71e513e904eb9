package processors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/progress"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
)

// filling is the filling of one partition of a new generation from the one before it.
// It outlives runs; a claim that finds the partition live has none.
type filling struct {
	plan   *seed.Plan
	again  bool          // an earlier claim has begun it
	placed bool          // the queue begins where the source is to be read from
	ends   []int64       // of the source, where its records are placed by keys; the feeder only
	done   chan struct{} // told by goka's goroutine when the older rows have been looked at

	telling sync.Mutex // held while a record is made and sent: the last one sent tells the newest

	mu  sync.Mutex
	rec wire.Bootstrap
}

func (f *filling) get() wire.Bootstrap {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rec
}

func (f *filling) change(fn func(*wire.Bootstrap)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn(&f.rec)
}

// replaying reports whether the source is being read again, and up to which offset.
func (f *filling) replaying() (until int64, yes bool) {
	if f == nil {
		return 0, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rec.Until, f.rec.Phase == wire.BootstrapReplaying
}

// openFilling finds out whether the partition is to be filled. It asks once for each
// claim: nobody else fills the partition meanwhile.
func (c *claim) openFilling(ctx context.Context) error {
	if c.filling != nil {
		if s := c.filling.get(); s.Live() { // an earlier run has done it
			c.filling = nil
		}
	}
	if c.opts.Seed == nil || c.asked {
		return nil
	}
	client, err := c.opts.Kafka.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	all, err := seed.Records(ctx, client, c.names.Progress)
	if err != nil {
		return err
	}
	c.asked = true
	rec, known := all[c.partition]
	this := known && rec.Of(c.changelogID)
	if known && rec.Live() {
		// A changelog that was made again later is filled from the source, as ever: the
		// older generation may be gone.
		if this {
			c.queue.SkipTo(rec.Source)
		}
		c.noteSeed(rec.Bootstrap)
		return nil
	}
	c.filling = &filling{plan: c.opts.Seed, done: make(chan struct{}, 1)}
	now := c.opts.Clock()
	c.filling.rec = wire.Bootstrap{Partition: c.partition, Phase: wire.BootstrapReading, From: state.Unknown, Until: state.Unknown, Started: now.UnixMicro()}
	if this {
		if age := now.Sub(time.UnixMicro(rec.Started)); age > c.opts.StateMaxAge {
			return c.failFilling(ctx, c.unfit("it was begun %s ago and not finished: deletions from then may have been forgotten", age.Round(time.Minute)))
		}
		c.filling.again, c.filling.rec = true, rec.Bootstrap
		c.filling.rec.Phase, c.filling.rec.Failed = wire.BootstrapReading, ""
	}
	c.noteSeed(c.filling.get())
	return nil
}

func (c *claim) unfit(format string, args ...any) error {
	return &seed.UnfitError{Table: c.opts.Table.Name, Why: fmt.Sprintf(format, args...)}
}

func (c *claim) noteSeed(s wire.Bootstrap) {
	c.status.change(c.partition, func(p *PartitionStatus) { p.Seed = &s })
	c.metrics.filling.show(s)
}

// fill makes the table's rows from the older generation's, before anything else is done
// with the partition. The source is open when it returns.
func (r *run) fill() error {
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	var err error
	switch r.filling.plan.Rows {
	case seed.Carry:
		err = r.reporting(ctx, r.carry)
	default:
		err = r.reporting(ctx, r.keepOlder)
	}
	if err != nil {
		return r.failFilling(r.ctx, err)
	}
	r.noteStreamed(r.store)
	r.replayUntil = r.store.Applied()
	return r.feeder.openSource(r.ctx)
}

// failFilling leaves a word of what another try cannot cure, for whoever planned it.
func (c *claim) failFilling(ctx context.Context, err error) error {
	if !refusal(err) {
		return err
	}
	c.filling.change(func(s *wire.Bootstrap) { s.Failed = err.Error() })
	return errors.Join(err, c.writeSeed(ctx))
}

// reporting runs f, and tells of its progress meanwhile.
func (r *run) reporting(ctx context.Context, f func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(progress.LifeSign)
		defer tick.Stop()
		for {
			r.tellSeed()
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	err := f(ctx)
	stop()
	<-over
	return err
}

func (c *claim) seedRecord() *kgo.Record {
	s := c.filling.get()
	c.noteSeed(s)
	return &kgo.Record{
		Topic: c.names.Progress, Key: wire.AppendBootstrapKey(nil, c.partition), Value: wire.AppendBootstrap(nil, s),
		Headers: []kgo.RecordHeader{{Key: wire.SourceIDName, Value: c.sourceID[:]}, {Key: wire.ChangelogIDName, Value: c.changelogID[:]}},
	}
}

// tellSeed writes how far the filling is. The next time tells as much.
func (c *claim) tellSeed() {
	c.filling.telling.Lock()
	defer c.filling.telling.Unlock()
	c.writer.Send(c.seedRecord(), func(_ *kgo.Record, err error) {
		if err != nil {
			c.logger.Debug("seed record not written", "error", err)
		}
	})
}

// tellReplay notes how far the source has been read again, once a second.
func (r *run) tellReplay() error {
	if _, replaying := r.filling.replaying(); !replaying {
		return nil
	}
	if now := r.opts.Clock(); now.Sub(r.toldSeed) >= progress.LifeSign {
		r.toldSeed = now
		next := r.queue.Watermark()
		r.filling.change(func(s *wire.Bootstrap) { s.Source = next })
		r.tellSeed()
		return r.keepSeed()
	}
	return nil
}

// writeSeed writes how far the filling is, and waits until it is acknowledged.
func (c *claim) writeSeed(ctx context.Context) error {
	acked := make(chan error, 1)
	c.filling.telling.Lock()
	c.writer.Send(c.seedRecord(), func(_ *kgo.Record, err error) { acked <- err })
	c.filling.telling.Unlock()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-acked:
		if err != nil {
			return fmt.Errorf("write the seed record: %w", err)
		}
		return nil
	}
}

// acknowledged waits until everything that was sent to the changelog is.
func (r *run) acknowledged(ctx context.Context) error {
	reached := make(chan error, 1)
	r.rows.Boundary(func(_ int64, err error) { reached <- err })
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-reached:
		return err
	}
}

// live ends the filling: the partition is like any other. Where that could not be told the
// next run looks at the older rows once more, and tells it.
func (r *run) live(ctx context.Context, source int64) error {
	before := r.filling.get()
	r.filling.change(func(s *wire.Bootstrap) {
		s.Phase, s.Source, s.Finished = wire.BootstrapLive, source, r.opts.Clock().UnixMicro()
	})
	if err := r.writeSeed(ctx); err != nil {
		r.filling.change(func(s *wire.Bootstrap) { *s = before })
		return err
	}
	s := r.filling.get()
	r.logger.Info("partition filled", "rows", r.filling.plan.Rows, "carried", s.Carried, "adopted", s.Adopted, "swept", s.Swept, "source", source)
	return r.store.Previous.Clear()
}

// place lets the queue begin at a source offset, once for each claim: later runs go on
// with what is queued.
func (r *run) place(next int64) {
	if r.filling.placed {
		return
	}
	r.filling.placed = true
	r.feeder.closeSource() // it stands where the queue stood
	r.readFrom(next)
	r.committed = false // what the source no longer has is told by the older rows
}

// older returns the older generation's changelog and what it is.
func (r *run) older(ctx context.Context) (*seed.Changelog, kafka.Topic, error) {
	c, err := seed.OpenChangelog(r.opts.Kafka, r.filling.plan.From)
	if err != nil {
		return nil, kafka.Topic{}, err
	}
	c.Unreadable = r.noteUnreadable
	topic, err := c.Describe(ctx)
	if err != nil {
		c.Close()
		return nil, kafka.Topic{}, err
	}
	return c, topic, nil
}

// filledEvery is how often the owner of partition 0 asks whether all partitions are filled.
const filledEvery = 5 * time.Second

// filled reports whether no partition is being filled: batches are of whole tables.
func (p *Processor) filled(ctx context.Context) bool {
	if p.opts.Seed == nil || p.whole {
		return true
	}
	now := p.opts.Clock()
	if now.Sub(p.askedWhole) < filledEvery {
		return false
	}
	p.askedWhole = now
	told, err := seed.ReadProgress(ctx, p.opts.Kafka, p.opts.Table)
	if err != nil {
		p.opts.Logger.Warn("filling of the table not looked at", "error", err)
		return false
	}
	p.whole = told.Live()
	return p.whole
}
