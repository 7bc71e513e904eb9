package system

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
)

// generation is one generation of a table in this process: its processor and its
// view, each nil where the process has not that role.
type generation struct {
	table     *tables.Table
	metrics   *shelf
	processor *processors.Processor
	view      *views.View
	// over ends when readers see another generation instead.
	over    context.Context
	replace context.CancelFunc
	left    time.Time // when that was

	stopView, stopProcessor func() // nil: not running
}

// generation makes the parts of a table's generation. Nothing runs yet.
func (o Options) generation(settings kafka.Settings, t *tables.Table, plan *seed.Plan, building bool) (*generation, error) {
	g := &generation{table: t, metrics: new(shelf)}
	g.over, g.replace = context.WithCancel(context.Background())
	log := o.Logger.With("generation", t.Generation)
	if o.Config.Roles.Processor {
		c := *o.Config
		c.Kafka.Settings = settings
		p, err := processors.New(processors.Options{
			Table: t, Kafka: settings, Pool: o.pool, Dir: filepath.Join(o.Config.DataDir, t.Instance(), processorDir), Seed: plan,
			Logger: log, Registerer: g.metrics, Peers: peerAddress(&c), Schemas: o.schemas,
		})
		if err != nil {
			return nil, fmt.Errorf("processor of %s: %w", t.Name, err)
		}
		g.processor = p
	}
	if o.Config.Roles.View {
		var disputed func(batch uint64)
		var outrun func([]wire.Doubled)
		if g.processor != nil {
			disputed, outrun = g.processor.Doubt, g.processor.Outrun
		}
		v, err := views.New(views.Options{
			Table: t, Kafka: settings, Pool: o.pool, Dir: o.Config.DataDir, Logger: log, Registerer: g.metrics, Seeded: building, Logs: o.logs,
			Disputed: disputed, Outrun: outrun,
		})
		if err != nil {
			return nil, fmt.Errorf("view of %s: %w", t.Name, err)
		}
		g.view = v
	}
	return g, nil
}

// start runs the parts until they are stopped.
func (g *generation) start(ctx context.Context) {
	if g.processor != nil && g.stopProcessor == nil {
		g.stopProcessor = running(ctx, g.processor.Run)
	}
	if g.view != nil && g.stopView == nil {
		g.stopView = running(ctx, g.view.Run)
	}
}

// stop ends the parts, and waits for them.
func (g *generation) stop() {
	g.endView()
	g.endProcessor()
}

func (g *generation) endView() {
	if g.stopView != nil {
		g.stopView()
		g.stopView = nil
	}
}

func (g *generation) endProcessor() {
	if g.stopProcessor != nil {
		g.stopProcessor()
		g.stopProcessor = nil
	}
}

func (g *generation) runs() bool { return g.stopProcessor != nil || g.stopView != nil }

// running begins a part and returns what ends it. Processors and views return when
// their context ends, and tell what is wrong by their status.
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
