package bootstrap

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
)

// Filling is the part of one run in the filling of its partition.
type Filling struct {
	*Partition
	run      Run
	state    *state.Store
	reported time.Time // when the replay's progress was last reported
}

// Begin makes the part of a run that begins. It needs a state before anything can be filled.
func (p *Partition) Begin(r Run) *Filling { return &Filling{Partition: p, run: r} }

// Open takes the state that rows are written to.
func (f *Filling) Open(s *state.Store) { f.state = s }

// lifeSign is the time between two reports of how far a filling is.
const lifeSign = time.Second

// Tell notes how far the source has been read again, once a second.
func (f *Filling) Tell() error {
	if !f.Replaying() {
		return nil
	}
	now := f.opts.Clock()
	if now.Sub(f.reported) < lifeSign {
		return nil
	}
	f.reported = now
	next := f.opts.Source.Done()
	f.change(func(s *wire.Bootstrap) { s.Source = next })
	f.tell()
	return f.keepSeed()
}

// acknowledged waits until everything that was sent to the changelog is.
func (f *Filling) acknowledged(ctx context.Context) error {
	reached := make(chan error, 1)
	f.run.Rows.Boundary(func(_ int64, err error) { reached <- err })
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-reached:
		return err
	}
}

// live ends the filling: the partition is like any other. Where that could not be reported, the
// next run looks at the older rows once more, and reports it.
func (f *Filling) live(ctx context.Context, source int64) error {
	before := f.get()
	f.change(func(s *wire.Bootstrap) {
		s.Phase, s.Source, s.Finished = wire.BootstrapLive, source, f.opts.Clock().UnixMicro()
	})
	if err := f.write(ctx); err != nil {
		f.change(func(s *wire.Bootstrap) { *s = before })
		return err
	}
	s := f.get()
	f.opts.Events.PartitionFilled(events.PartitionFilled{
		Rows: string(f.opts.Plan.Rows), Carried: s.Carried, Adopted: s.Adopted, Swept: s.Swept, Source: source,
	})
	return f.state.Previous.Clear()
}

// readFrom lets the source be read from an offset on, once for each owner: later runs go on
// with what is queued.
func (f *Filling) readFrom(next int64) {
	if f.positioned {
		return
	}
	f.positioned = true
	f.opts.Source.ReadFrom(next)
}

// older returns the older generation's changelog and what it is.
func (f *Filling) older(ctx context.Context) (*seed.Changelog, kafka.Topic, error) {
	c, err := seed.OpenChangelog(f.opts.Kafka, f.opts.Plan.From)
	if err != nil {
		return nil, kafka.Topic{}, err
	}
	c.Unreadable = f.opts.Unreadable
	topic, err := c.Describe(ctx)
	if err != nil {
		c.Close()
		return nil, kafka.Topic{Name: f.opts.Kafka.Names(f.opts.Plan.From).Table}, err
	}
	return c, topic, nil
}

// sameTopic reports whether two ids may be of one topic: brokers without ids give zeros.
func sameTopic(a, b [16]byte) bool { return a == b || a == [16]byte{} || b == [16]byte{} }
