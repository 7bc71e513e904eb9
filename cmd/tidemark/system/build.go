package system

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
)

const (
	// lookEvery is how often a build's progress is read.
	lookEvery = 500 * time.Millisecond
	// viewless is how long a process without views leaves it to others to see that
	// a build can be read.
	viewless = 10 * time.Second
)

// watchBuild follows the build, and makes it the current generation when all of its
// partitions are filled and it can be read.
func (l *lineage) watchBuild(ctx context.Context, s *generations.State) error {
	b := s.Lineage.Build
	if b == nil {
		l.setBuilding(nil, seed.Progress{})
		l.filled = time.Time{}
		return nil
	}
	if time.Since(l.looked) < lookEvery {
		return nil
	}
	l.looked = time.Now()
	g := l.all[b.Table.Generation]
	progress, err := seed.ReadProgress(ctx, l.settings, g.table)
	if errors.Is(err, kafka.ErrNoSource) {
		err = nil // its topics are not made yet
	}
	l.setBuilding(g, progress)
	if err != nil {
		return fmt.Errorf("read how far generation %d is: %w", b.Table.Generation, err)
	}
	now := time.Now().UTC()
	if why := progress.Failed(); why != "" {
		l.log.Error("generation is given up", "generation", b.Table.Generation, "reason", why)
		l.metrics.failures.Inc()
		if b.Why == wire.BuildDefinition && b.Filling.Rows == string(seed.Carry) {
			return l.record.Propose(ctx, *s, generations.Rebuild(s.Lineage, why, now))
		}
		return l.record.Propose(ctx, *s, generations.GiveUp(s.Lineage, why, now))
	}
	if !progress.Live() {
		return nil
	}
	if l.filled.IsZero() {
		l.filled = time.Now()
	}
	sum := progress.Sum()
	rows := sum.Carried + sum.Adopted
	switch {
	case g.view != nil:
		if !g.view.Ready() || !caughtUp(ctx, g) {
			return nil
		}
		rows, sum = g.view.Snapshot().Rows(), l.countedOnce(ctx, b, g, progress)
	case viewsElsewhere(s, l.record.ID()) || time.Since(l.filled) < viewless:
		return nil
	}
	l.log.Info("generation is complete", "generation", b.Table.Generation, "rows", rows,
		"carried", sum.Carried, "adopted", sum.Adopted, "swept", sum.Swept, "took", now.Sub(b.Asked))
	return l.record.Propose(ctx, *s, generations.Promote(s.Lineage, sum, rows, now))
}

func viewsElsewhere(s *generations.State, self string) bool {
	for _, m := range s.Fresh(self, time.Now()) {
		if m.Serves >= 0 {
			return true
		}
	}
	return false
}

// caughtUp reports whether a view has everything that its topics have now.
func caughtUp(ctx context.Context, g *generation) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return g.view.CatchUp(ctx) == nil
}

func (l *lineage) setBuilding(g *generation, p seed.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.building, l.progress = g, p
}

// handOverTime bounds how long readers may be held at one state for the handing over.
const handOverTime = 2 * time.Second

// handOver lets readers see the current generation once it shows no less than the one
// that they see. That one is held still meanwhile, and stays so: nobody sees
// anything newer there than what the next one has.
func (l *lineage) handOver(ctx context.Context, s *generations.State) error {
	next, old := l.all[s.Lineage.Current.Generation], l.servedNow()
	if next == old {
		return nil
	}
	if next.view == nil {
		return l.serve(next)
	}
	if !next.view.Ready() || !caughtUp(ctx, next) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, handOverTime)
	defer cancel()
	if err := old.view.Freeze(ctx); err != nil {
		return fmt.Errorf("hold generation %d: %w", old.table.Generation, err)
	}
	if comparable(old, next) {
		if err := next.view.WaitPosition(ctx, old.view.Position(old.view.Snapshot())); err != nil {
			old.view.Thaw()
			return fmt.Errorf("generation %d is not as far as %d: %w", next.table.Generation, old.table.Generation, err)
		}
	}
	err := next.view.Introduce(ctx)
	if err == nil {
		err = l.serve(next)
	}
	if err != nil {
		old.view.Thaw()
		return err
	}
	l.metrics.switches.Inc()
	l.log.Info("readers see another generation", "generation", next.table.Generation, "before", old.table.Generation,
		"rows", next.view.Snapshot().Rows())
	return nil
}

// comparable reports whether the positions of two generations are of one topic.
func comparable(old, next *generation) bool {
	return old.table.Source.Topic == next.table.Source.Topic && !old.view.Status().Refused
}
