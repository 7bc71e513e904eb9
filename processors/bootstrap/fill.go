package bootstrap

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/processors/seed"
)

// Fill makes the table's rows from the older generation's, before anything else is done
// with the partition. The source is to be opened behind it.
func (f *Filling) Fill(ctx context.Context) error {
	fill := f.keepOlder
	if f.opts.Plan.Rows == seed.Carry {
		fill = f.carry
	}
	if err := f.reporting(ctx, fill); err != nil {
		return f.fail(ctx, err)
	}
	return nil
}

// reporting runs fn, and reports its progress meanwhile.
func (f *Filling) reporting(ctx context.Context, fn func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(lifeSign)
		defer tick.Stop()
		for {
			f.tell()
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	err := fn(ctx)
	stop()
	<-over
	return err
}
