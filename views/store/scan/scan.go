package scan

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/filter"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// Scan reads the rows of one version that meet a query's filter.
type Scan struct {
	Version   *mvcc.Version
	Plan      *Plan
	inBase    filter.Predicate
	inDelta   filter.Predicate
	zoned     filter.Excluder // of inBase; nil when it never rules a block out
	First     *ZoneOrder
	Cores     int
	InOrder   bool // reads the base in its order
	ByOrder   bool // reads the base in the order of an index
	Ordered   int  // the first column of the order
	read      atomic.Int64
	passed    atomic.Int64 // blocks that zones ruled out
	Over      stop.Signal
	admission Admission
	long      bool // it is to ask for room before all rows are read
}

// describe says in words where the rows are looked for.
func (s *Scan) describe() string {
	var where string
	switch p := s.Plan; {
	case s.ByOrder:
		where = "order by index of " + s.Version.Layout.Table.Columns[s.Ordered].Name
	case p.ByKey:
		return fmt.Sprintf("lookup of %d keys", len(p.keys))
	case p.Indexed:
		where = fmt.Sprintf("index of %s: %d rows", s.Version.Layout.Table.Columns[p.byColumn].Name, len(p.Rows))
	case len(p.Spans) == 1 && RowsOf(p.Spans) == s.Version.Base.Rows:
		where = fmt.Sprintf("scan: %d rows", s.Version.Base.Rows)
	default:
		where = fmt.Sprintf("sort key: %d spans of %d rows", len(p.Spans), RowsOf(p.Spans))
	}
	if s.InOrder {
		where += ", in order"
	}
	return fmt.Sprintf("%s; delta: %d entries", where, s.Version.Count)
}

// A Reading is what a query reads, and with what.
type Reading struct {
	Version *mvcc.Version
	Cores   int // at most
	Room    Admission
}

// Scan returns the scan of a query.
func (r Reading) Scan(ctx context.Context, q *query.Query) (*Scan, error) {
	over := stop.Of(ctx)
	p, err := planOf(r.Version, q.Filter, over)
	if err != nil {
		return nil, err
	}
	out := &Scan{Version: r.Version, Plan: p, Cores: r.Cores, Over: over, admission: r.Room, long: p.long(r.Version)}
	if filter.Searches(p.cond, r.Version.Base.Cols) {
		if err := out.Ask(ctx); err != nil {
			return nil, err
		}
	}
	out.prepare()
	return out, ctx.Err()
}

// Stats says what an answer took.
type Stats struct {
	// RowsRead is how many rows were looked at.
	RowsRead int64
	// Plan says in words how the rows were found.
	Plan string
	// PassedOver is how many blocks of the base were not looked at because their least
	// and largest values rule them out.
	PassedOver int64
}

// Stats returns what the scan has taken so far.
func (s *Scan) Stats() Stats {
	return Stats{RowsRead: s.read.Load(), Plan: s.describe(), PassedOver: s.passed.Load()}
}

// prepare makes the filter ready.
func (s *Scan) prepare() {
	p, v := s.Plan, s.Version
	rows := RowsOf(p.Spans)
	if p.Indexed {
		rows = len(p.Rows)
	}
	s.inBase, s.inDelta = filter.OverBase(p.cond, v.Base.Cols, rows, s.Over), filter.OverDelta(p.cond, v, s.Over)
	if filter.Zoned(s.inBase) {
		s.zoned, _ = s.inBase.(filter.Excluder)
	}
	if rows+v.Count < v.Layout.Tuning.SmallScan {
		s.Cores = 1
	}
}

// A sink takes the rows that a scan finds, a block at a time.
type Sink interface {
	// Take may change m.
	Take(block int, inDelta bool, m *column.Mask)
}

// A the scan knows from the zones of a block of the base that it wants none of its rows.
type pickySink interface{ Wants(block int) bool }

// A rowSink takes single rows sooner than blocks of one.
type rowSink interface{ TakeRow(r mvcc.Ref) }

// Ask asks for room where the scan looks at many rows.
func (s *Scan) Ask(ctx context.Context) error {
	if s.admission == nil || !s.long {
		return nil
	}
	return s.admission(ctx)
}
