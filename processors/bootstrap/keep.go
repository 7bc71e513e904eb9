package bootstrap

import (
	"context"
	"math"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// A replay keeps the older generation's rows beside the table's own: to fill what events
// leave out, and to be looked at when the source has been read again. They are those of
// one cut; the replay goes on at least to that cut's source offset.

// noEnd is the end of a replay that is not known yet.
const noEnd int64 = math.MaxInt64

// keepOlder makes ready to read the source again.
func (f *Filling) keepOlder(ctx context.Context) error {
	if ok, err := f.resumeReplay(); ok || err != nil {
		return err
	}
	if err := f.state.Previous.Clear(); err != nil { // what was left by a kill
		return err
	}
	oldest, end, err := f.opts.Source.Span()
	if err != nil {
		return err
	}
	if err := f.decideStart(ctx, oldest, end); err != nil {
		return err
	}
	f.change(func(s *wire.Bootstrap) { s.Old, s.Kept = 0, 0 })
	k := &keeping{Filling: f, offsets: f.get().From}
	if err := k.keep(ctx); err != nil {
		return err
	}
	from := max(f.get().From, oldest)
	f.change(func(s *wire.Bootstrap) { s.Phase, s.Source = wire.BootstrapReplaying, from })
	if err := f.keepSeed(); err != nil {
		return err
	}
	f.positioned = false // older rows that were read anew take the whole stretch anew
	f.readFrom(from)
	return f.write(ctx)
}

// resumeReplay goes on with the older rows that this process has, where it left.
func (f *Filling) resumeReplay() (bool, error) {
	b, err := f.state.Previous.Seed()
	if err != nil || b == nil {
		return false, err
	}
	s, err := wire.ParseBootstrap(b)
	if err != nil {
		return false, err
	}
	s.Phase = wire.BootstrapReplaying // it may have been noted while the older rows were looked at
	f.change(func(rec *wire.Bootstrap) { *rec = s })
	f.readFrom(s.Source)
	return true, nil
}

// keepSeed notes locally how far the replay is, behind every row before.
func (f *Filling) keepSeed() error {
	s := f.get()
	return f.state.Previous.SetSeed(wire.AppendBootstrap(nil, s))
}

// decideStart fixes which stretch of the source is read again, unless that was done
// before: a restart does not chase the topic's end.
func (f *Filling) decideStart(ctx context.Context, oldest, end int64) error {
	rec := f.get()
	if rec.Until != state.Unknown {
		return nil
	}
	if f.opts.Table.Repartitioned() { // the repartitioner begins at the plan's start
		f.change(func(s *wire.Bootstrap) { s.From, s.Source, s.Until = oldest, oldest, noEnd })
		return nil
	}
	from, err := f.opts.Plan.Start.Offset(ctx, f.opts.Admin, f.opts.Input.Name, f.opts.Partition, oldest, end)
	if err != nil {
		return err
	}
	f.change(func(s *wire.Bootstrap) { s.From, s.Source, s.Until = from, from, end })
	return nil
}
