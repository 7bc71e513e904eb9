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
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	go func() { end(l.follow(ctx)) }()
	state, err := l.Known(ctx)
	if state.Newer != nil {
		return state, fmt.Errorf("table %s: %w", t.Name, err)
	}
	return state, err
}
