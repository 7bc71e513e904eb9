package rollout

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/processors"
	processorevents "github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/metrics"
)

// Parts are what generations are made of: the roles of the process, and what its tables share.
type Parts struct {
	Kafka           kafka.Settings
	Pool            *logread.Pool
	DataDir         string
	Databases       *localdb.Shared        // what the databases of all tables share
	Processor, View bool                   // the roles
	Membership      *processors.Membership // in the group that shares out partitions; nil without processors
	Schemas         avro.Schemas           // of Avro records; nil where no registry is declared
	Logs            *views.Logs            // of the databases, as far as all tables together have read them
	TwoBases        func() (end func())    // see views.Options
	Logger          *slog.Logger
	// ColumnsTold is called with columns that the schema of a processor's records tells and the
	// table has not, from several goroutines; nil where nobody asks.
	ColumnsTold func(processorevents.ColumnsTold)
}

// make makes the parts of a table's generation. Nothing runs yet.
func (p *Parts) make(t *tables.Table, plan *seed.Plan, building bool) (*Generation, error) {
	g := &Generation{table: t, metrics: new(metrics.Deferred)}
	g.over, g.replace = context.WithCancel(context.Background())
	log := p.Logger.With("generation", t.Generation)
	var err error
	if p.Processor {
		g.processor, err = processors.New(processors.Options{
			Table: t, Kafka: p.Kafka, Pool: p.Pool, Dir: filepath.Join(p.DataDir, t.Instance(), processorDir), Seed: plan,
			Databases: p.Databases, Logger: log, Registerer: g.metrics, Membership: p.Membership, Schemas: p.Schemas,
			Events: &processorevents.Listener{ColumnsTold: p.ColumnsTold},
		})
		if err != nil {
			return nil, fmt.Errorf("processor of %s: %w", t.Name, err)
		}
	}
	if p.View {
		o := views.Options{
			Table: t, Kafka: p.Kafka, Pool: p.Pool, Dir: p.DataDir, Databases: p.Databases, Logger: log, Registerer: g.metrics, Seeded: building, Logs: p.Logs, TwoBases: p.TwoBases,
		}
		if g.processor != nil {
			o.Disputed, o.Outrun = g.processor.Doubt, g.processor.Outrun
		}
		if g.view, err = views.New(o); err != nil {
			return nil, fmt.Errorf("view of %s: %w", t.Name, err)
		}
	}
	return g, nil
}
