package views

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/supervisor"
)

// ErrUnavailable is returned where something is not there at present: before the
// first rows, or while rows on disk are brought back.
var ErrUnavailable = replica.ErrUnavailable

// View is one live table as readers see it: the newest batch and what came after,
// kept current from the table's topics by Run. All methods may be called at any
// time, from any goroutine.
type View struct {
	o         Options
	pins      *pins
	empty     *store.Store   // what is read before there is anything
	noRollups []*store.Store // the same of the rollups
	runs      *supervisor.Supervisor
	parts     supervisor.Parts // of runs
}

// New returns a view of a table. It reads and writes nothing before Run.
func New(o Options) (*View, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of a view: %w", err)
	}
	empty, err := store.New(store.Options{Table: o.Table})
	if err != nil {
		return nil, fmt.Errorf("view of %s: %w", o.Table.Name, err)
	}
	v := &View{o: o, pins: newPins(o.Pins, o.PinFor, o.Clock), empty: empty}
	rollups, err := replica.Derive(o.Table, o.storeOptions)
	if err != nil {
		return nil, err
	}
	for _, d := range rollups {
		v.noRollups = append(v.noRollups, d.Store())
	}
	v.runs = supervisor.New(supervisor.Options{
		Table: o.Table, Kafka: o.Kafka, Pool: o.Pool, Events: events.Tee(events.Log(o.log()), o.Events), StoreOptions: o.storeOptions, Log: o.log(),
		Registerer: o.Registerer, Clock: o.Clock, Logs: o.Logs, RowsDir: o.rowsDir(), Databases: o.Databases, BatchesDir: o.batchesDir(),
		PollEvery: o.PollEvery, WatchEvery: o.WatchEvery, OutrunEvery: o.OutrunEvery, Seeded: o.Seeded, CompactAfter: o.CompactAfter,
		Disputed: o.Disputed, Outrun: o.Outrun, Polled: v.pins.trim,
	})
	v.parts = v.runs.Parts()
	v.pins.bytes, v.pins.newest = o.PinBytes, v.Snapshot
	if err := v.register(); err != nil {
		return nil, err
	}
	return v, nil
}

// Run keeps the view current until the context ends. What is wrong with brokers,
// topics and disks is reported by Status and tried again; what readers see stays.
func (v *View) Run(ctx context.Context) error { return v.runs.Run(ctx) }

// Table returns the table.
func (v *View) Table() *tables.Table { return v.o.Table }

// Snapshot returns the newest state. It takes no lock.
func (v *View) Snapshot() *store.Snapshot {
	if s := v.runs.Current(); s != nil {
		return s.Snapshot()
	}
	return v.empty.Snapshot()
}

// Position returns the position of the source topic that a snapshot of this view
// reflects. It must not be changed.
func (v *View) Position(s *store.Snapshot) tables.Position { return v.runs.ToSource(s.Position()) }

// Pin keeps a snapshot for a cursor and returns what Pinned knows it by.
func (v *View) Pin(s *store.Snapshot) string { return v.pins.add(s) }

// Pinned returns a snapshot that is still kept, and keeps it longer.
func (v *View) Pinned(id string) (*store.Snapshot, bool) { return v.pins.get(id) }

// Freshness says how fresh the newest snapshot is.
func (v *View) Freshness() progress.Freshness { return v.FreshnessOf(v.Snapshot()) }

// FreshnessOf says how fresh a snapshot is now.
func (v *View) FreshnessOf(s *store.Snapshot) progress.Freshness {
	f := v.parts.Ends.Freshness(v.Position(s), v.o.Clock())
	if v.runs.Refused() != nil && (f.State == progress.Fresh || f.State == progress.Idle) {
		f.State = progress.Lagging // of a source that is not the one of these rows
	}
	return f
}

// lag returns how many source records are not reflected.
func (v *View) lag() int64 {
	last, ok := v.parts.Ends.Newest()
	if !ok {
		return 0
	}
	var n int64
	pos := v.Position(v.Snapshot())
	for p, end := range last.Ends {
		n += max(0, end-pos.At(int32(p)))
	}
	return n
}

func (v *View) diskBytes() int64 {
	s := v.runs.Current()
	if s == nil {
		return 0
	}
	n, err := s.Disk().Bytes()
	if err != nil {
		return 0 // closed: brought back in a moment
	}
	return n
}
