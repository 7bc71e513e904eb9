package generations

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Read returns what a table's generations topic says now. It makes nothing: without the
// topic, the state has no record.
func Read(ctx context.Context, s kafka.Settings, t *tables.Table) (State, error) {
	pool := logread.NewPool(s)
	defer pool.Close()
	client, err := pool.Client()
	if err != nil {
		return State{}, err
	}
	if _, err := kafka.Describe(ctx, client, s.Names(t).Generations); errors.Is(err, kafka.ErrNoSource) {
		return newState(), nil
	} else if err != nil {
		return State{}, err
	}
	l := Open(s, pool, t, new(events.Listener).EnsureDefaults())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- l.follow(ctx) }()
	for {
		state, changed := l.State()
		if state.Newer != nil {
			return state, fmt.Errorf("table %s: %w", t.Name, state.Newer)
		}
		if state.Known() {
			return state, nil
		}
		select {
		case err := <-ended:
			return state, errors.Join(err, ctx.Err())
		case <-changed:
		}
	}
}
