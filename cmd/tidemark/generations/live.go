package generations

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// livePatience bounds how long Live waits for the record of generations.
const livePatience = 10 * time.Second

// Live returns the definition of the generation of a table that is read now: the
// declared one where there is no record yet.
func Live(ctx context.Context, s kafka.Settings, declared *tables.Table) (*tables.Table, error) {
	ctx, cancel := context.WithTimeout(ctx, livePatience)
	defer cancel()
	if none, err := unrecorded(ctx, s, declared); none || err != nil {
		return declared, err
	}
	log := Open(s, declared, slog.New(slog.DiscardHandler))
	followed := make(chan error, 1)
	go func() { followed <- log.Follow(ctx) }()
	defer func() {
		cancel()
		<-followed
	}()
	for {
		state, changed := log.State()
		switch {
		case state.Newer != nil:
			return nil, fmt.Errorf("table %s: %w", declared.Name, state.Newer)
		case state.Known() && state.Lineage.Number == 0:
			return declared, nil
		case state.Known():
			return &state.Lineage.Current, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("find the generation of table %s: %w", declared.Name, ctx.Err())
		}
	}
}

// unrecorded reports whether a table has no record of generations, without making one.
func unrecorded(ctx context.Context, s kafka.Settings, t *tables.Table) (bool, error) {
	client, err := s.Client()
	if err != nil {
		return false, err
	}
	defer client.Close()
	_, err = kafka.Describe(ctx, client, s.Names(t).Generations)
	if errors.Is(err, kafka.ErrNoSource) {
		return true, nil
	}
	return false, err
}
