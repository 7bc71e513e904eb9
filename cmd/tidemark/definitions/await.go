package definitions

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Outcome is how far a generation has come.
type Outcome string

// What can be said of a generation that was asked for.
const (
	Built   Outcome = "built"   // readers see it, or do so in a moment
	Waiting Outcome = "waiting" // no process runs the table: the next one that does builds it
)

// lonely is how long a build may be heard of by no process before it is said that none runs
// the table.
const lonely = 4 * generations.Beat

// Await waits until a generation is built. The error says why it was given up.
func Await(ctx context.Context, s kafka.Settings, t *tables.Table, generation int) (out Outcome, err error) {
	err = following(ctx, s, t, func(ctx context.Context, l *generations.Log) error {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		began := time.Now()
		for {
			state, changed := l.State()
			if state.Known() {
				if out, err = outcome(&state, generation, time.Since(began) > lonely); out != "" || err != nil {
					return err
				}
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-changed:
			case <-tick.C:
			}
		}
	})
	return out, err
}

// outcome is empty while a generation is being built.
func outcome(s *generations.State, generation int, long bool) (Outcome, error) {
	l := &s.Record
	building := l.Build != nil && l.Build.Table.Generation == generation
	switch {
	case l.Current.Generation == generation:
		return Built, nil
	case building && long && len(s.Fresh("", time.Now())) == 0:
		return Waiting, nil
	case building:
		return "", nil
	case l.Build != nil && l.Build.Table.Generation > generation && l.Last != nil && l.Last.Generation == generation:
		return "", fmt.Errorf("generation %d was given up for generation %d: %s", generation, l.Build.Table.Generation, l.Last.Failure)
	case l.Last != nil && l.Last.Generation == generation && l.Last.Failure != "":
		return "", fmt.Errorf("generation %d was given up: %s", generation, l.Last.Failure)
	}
	return "", fmt.Errorf("generation %d is no longer built: another one took its place", generation)
}
