package views

import (
	"context"
)

// Freeze keeps what readers see as it is, until Thaw. A view that is taken over
// by another one is frozen first: the other one, once it is as far, then takes nothing
// back that anybody has seen.
func (v *View) Freeze(ctx context.Context) error { return v.runs.Gate().Enter(ctx) }

// Thaw ends what Freeze began.
func (v *View) Thaw() { v.runs.Gate().Leave() }

// Introduce is called before readers are given this view in another one's place: nobody who
// followed that one continues with these rows, which may be others at the same position.
func (v *View) Introduce(ctx context.Context) error {
	if err := v.runs.Gate().Enter(ctx); err != nil {
		return err
	}
	defer v.runs.Gate().Leave()
	if s := v.runs.Current(); s != nil {
		s.FollowAnew()
	}
	return nil
}

// CatchUp returns nil once readers see everything that the changelog and the source
// topic have now, and the context's error when that ends first.
func (v *View) CatchUp(ctx context.Context) error { return v.runs.CatchUp(ctx) }
