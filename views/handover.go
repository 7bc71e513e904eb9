package views

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/topics"
)

// Freeze keeps what readers see as it is, until Thaw. A view that is taken over
// by another one is frozen first: the other one, once it is as far, then takes nothing
// back that anybody has seen.
func (v *View) Freeze(ctx context.Context) error { return v.gate.Enter(ctx) }

// Thaw ends what Freeze began.
func (v *View) Thaw() { v.gate.Leave() }

// Introduce is called before readers are given this view in another one's place: nobody who
// followed that one goes on with these rows, which may be others at the same position.
func (v *View) Introduce(ctx context.Context) error {
	if err := v.gate.Enter(ctx); err != nil {
		return err
	}
	defer v.gate.Leave()
	if s := v.current.Load(); s != nil {
		s.FollowAnew()
	}
	return nil
}

// CatchUp returns nil once readers see everything that the changelog and the source
// topic have now, and the context's error when that ends first.
func (v *View) CatchUp(ctx context.Context) error {
	client, err := topics.Open(v.pool, v.o.Kafka)
	if err != nil {
		return err
	}
	input := v.o.Table.Source.Topic
	ends, err := client.Ends(ctx, v.names.Table, input)
	if err != nil {
		return fmt.Errorf("catch up with %s: %w", v.o.Table.Instance(), err)
	}
	changelog, source := tables.Position(ends[v.names.Table]), tables.Position(ends[input])
	return v.await(ctx, func(at progress.Applied) bool {
		return at.Changelog.Reaches(changelog) && v.fresh.Reaches(v.placed.ToSource(at.Source), source)
	})
}
