package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/metrics"
)

// ErrReplaced is returned by a wait for something of a generation when readers see another
// one meanwhile.
var ErrReplaced = errors.New("readers see another generation now")

// Generation is one generation of a table in this process: its processor and its
// view, each nil where the process has not that role.
type Generation struct {
	table     *tables.Table
	metrics   *metrics.Deferred
	processor *processors.Processor
	view      *views.View
	// over ends when readers see another generation instead.
	over    context.Context
	replace context.CancelFunc
	left    time.Time // when that was

	stopView, stopProcessor func() // nil: not running
}

// Table returns the definition of the generation.
func (g *Generation) Table() *tables.Table { return g.table }

// View returns what its rows are read from; nil where the process has not that role.
func (g *Generation) View() *views.View { return g.view }

// While waits for something of a generation for as long as readers see that one.
func (g *Generation) While(ctx context.Context, f func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(g.over, cancel)()
	err := f(inner)
	if err != nil && g.over.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrReplaced, err)
	}
	return err
}

// Trouble is what keeps the processor of this process from working.
func (g *Generation) Trouble() string {
	if g.processor == nil {
		return ""
	}
	status := g.processor.Status()
	if status.Err != nil {
		return status.Err.Error()
	}
	for _, p := range status.Repartitioned {
		if p.Err != nil {
			return fmt.Sprintf("partition %d of the source: %v", p.Partition, p.Err)
		}
	}
	for _, p := range status.Partitions {
		if err := cmp.Or(p.Err, p.Waiting); err != nil {
			return fmt.Sprintf("partition %d: %v", p.Partition, err)
		}
	}
	return ""
}

// start runs the parts until they are stopped.
func (g *Generation) start(ctx context.Context) {
	if g.processor != nil && g.stopProcessor == nil {
		g.stopProcessor = running(ctx, g.processor.Run)
	}
	if g.view != nil && g.stopView == nil {
		g.stopView = running(ctx, g.view.Run)
	}
}

// stop ends the parts, and waits for them.
func (g *Generation) stop() {
	g.endView()
	g.endProcessor()
}

func (g *Generation) endView() {
	if g.stopView != nil {
		g.stopView()
		g.stopView = nil
	}
}

func (g *Generation) endProcessor() {
	if g.stopProcessor != nil {
		g.stopProcessor()
		g.stopProcessor = nil
	}
}

func (g *Generation) runs() bool { return g.stopProcessor != nil || g.stopView != nil }

// running begins a part and returns what ends it. Processors and views return when
// their context ends, and say what is wrong by their status.
func running(ctx context.Context, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = run(ctx)
	}()
	return sync.OnceFunc(func() {
		cancel()
		<-done
	})
}
