package supervisor

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
)

// New returns a supervisor of a table. It reads and writes nothing before Run.
func New(o Options) *Supervisor {
	parts := newParts(&o)
	u := &Supervisor{
		o: o, events: o.Events, names: o.Kafka.Names(o.Table), parts: parts,
		shown: newShown(parts.Files), attached: newAttached(), poke: make(chan struct{}, 1),
		unreadable: &unreadable{events: o.Events},
	}
	u.pool, u.release = o.Pool.Or(o.Kafka)
	u.shared = &replica.Shared{
		Table: o.Table, Kafka: o.Kafka, Pool: u.pool, Names: u.names, Events: o.Events, StoreOptions: o.StoreOptions, Log: o.Log, Clock: o.Clock, Fingerprint: wire.Fingerprint(o.Table),
		CompactAfter: o.CompactAfter, Disputed: o.Disputed, Outrun: o.Outrun, OutrunEvery: o.OutrunEvery,
		Counters: parts.Counters, Manifests: parts.Manifests, Disputes: parts.Disputes, OtherSchema: parts.OtherSchema,
		Ends: parts.Ends, SourceMap: parts.SourceMap, Logs: o.Logs,
		Generations: rows.Generations{Dir: o.RowsDir, Databases: o.Databases}, Unreadable: u.unreadable.leaveOut, Gate: replica.NewGate(), View: seenBy{u},
	}
	u.loader = &loader{shared: u.shared, files: parts.Files, shown: u.shown, say: u.state.say}
	u.state.say("starting")
	return u
}

func newParts(o *Options) Parts {
	counters := metrics.NewCounters(o.Table.Name)
	o.Events = events.Tee(counters.Listener(), o.Events).EnsureDefaults()
	p := Parts{
		Counters: counters, Manifests: batches.New(wire.Fingerprint(o.Table)), Disputes: &batches.Disputes{},
		OtherSchema: replica.NewOtherSchema(), Ends: progress.NewEnds(o.Clock()), Bootstrap: &progress.Bootstrap{}, Health: &progress.Health{},
		Faults: progress.NewFaults(o.Clock, o.Events),
	}
	if o.Table.Repartitioned() {
		p.SourceMap = progress.NewSourceMap()
	}
	p.Files = batches.NewFiles(batches.FilesOptions{
		Dir: o.BatchesDir, Table: o.Table, Manifests: p.Manifests, Events: o.Events, Clock: o.Clock,
	})
	return p
}
