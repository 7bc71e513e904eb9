package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// scan reads the rows of one version that meet a query's filter.
type scan struct {
	v         *version
	plan      *plan
	inBase    predicate
	inDelta   predicate
	zoned     excluder // of inBase; nil when it never rules a block out
	first     *zoneOrder
	cores     int
	inOrder   bool // reads the base in its order
	byOrder   bool // reads the base in the order of an index
	ordered   int  // the first column of the order
	read      atomic.Int64
	passed    atomic.Int64 // blocks that zones ruled out
	over      stop
	admission Admission
	long      bool // it is to ask for room before all rows are read
}

// describe says in words where the rows are looked for.
func (s *scan) describe() string {
	var where string
	switch p := s.plan; {
	case s.byOrder:
		where = "order by index of " + s.v.layout.table.Columns[s.ordered].Name
	case p.byKey:
		return fmt.Sprintf("lookup of %d keys", len(p.keys))
	case p.indexed:
		where = fmt.Sprintf("index of %s: %d rows", s.v.layout.table.Columns[p.byColumn].Name, len(p.rows))
	case len(p.spans) == 1 && rowsOf(p.spans) == s.v.base.rows:
		where = fmt.Sprintf("scan: %d rows", s.v.base.rows)
	default:
		where = fmt.Sprintf("sort key: %d spans of %d rows", len(p.spans), rowsOf(p.spans))
	}
	if s.inOrder {
		where += ", in order"
	}
	return fmt.Sprintf("%s; delta: %d entries", where, s.v.count)
}

func (s *Snapshot) scan(ctx context.Context, q *query.Query) (*scan, error) {
	v, over := s.v, stopOf(ctx)
	p, err := v.plan(q.Filter, over)
	if err != nil {
		return nil, err
	}
	out := &scan{v: v, plan: p, cores: s.cores, over: over, admission: s.admission, long: p.long(v)}
	if searches(p.cond, v.base) {
		if err := out.ask(ctx); err != nil {
			return nil, err
		}
	}
	out.prepare()
	return out, ctx.Err()
}

// prepare makes the filter ready.
func (s *scan) prepare() {
	p, v := s.plan, s.v
	rows := rowsOf(p.spans)
	if p.indexed {
		rows = len(p.rows)
	}
	s.inBase, s.inDelta = prepareBase(p.cond, v.base, rows, s.over), prepareDelta(p.cond, v, s.over)
	if zoned(s.inBase) {
		s.zoned, _ = s.inBase.(excluder)
	}
	if rows+v.count < v.layout.tuning.smallScan {
		s.cores = 1
	}
}

// A sink takes the rows that a scan finds, a block at a time.
type sink interface {
	// take may change m.
	take(block int, inDelta bool, m *column.Mask)
}

// A pickySink can tell from the zones of a block of the base that it wants none of its rows.
type pickySink interface{ wants(block int) bool }

// A rowSink takes single rows sooner than blocks of one.
type rowSink interface{ takeRow(r ref) }

// matches refines m, rows of a block, to those that are alive and meet the filter.
func (s *scan) matches(block int, inDelta bool, m *column.Mask) {
	if m.Empty() {
		return
	}
	var alive column.Mask
	s.v.alive(block, inDelta, &alive)
	m.And(&alive)
	if m.Empty() {
		return
	}
	if inDelta {
		s.inDelta.refine(block, m)
	} else {
		s.inBase.refine(block, m)
	}
}

// delta gives all matching rows of the delta to to.
func (s *scan) delta(ctx context.Context, to sink) error {
	for from := 0; from < s.v.count; from += deltaStep {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.deltaSpan(span{from, min(from+deltaStep, s.v.count)}, to)
	}
	return nil
}

// deltaStep is how many entries are read until the context is looked at.
const deltaStep = 32 << column.BlockBits

// deltaSpan gives matching rows of a part of the delta, whole chunks but for the last, to to.
func (s *scan) deltaSpan(p span, to sink) {
	var m column.Mask
	for block := p.from >> column.BlockBits; block<<column.BlockBits < p.to && !s.over.asked(); block++ {
		m.Fill(0, min(p.to-block<<column.BlockBits, column.BlockRows))
		if d := s.plan.delta; d != nil {
			if order := s.v.chunks[block].orders[d.order].Load(); order != nil {
				var in column.Mask
				order.mark(&s.v.chunks[block].cols[s.v.layout.ordered[d.order]], d.ranges, &in)
				m.And(&in)
			}
		}
		s.read.Add(int64(m.Count()))
		if s.matches(block, true, &m); !m.Empty() {
			to.take(block, true, &m)
		}
	}
}

// span gives all matching rows of a span of the base to to.
func (s *scan) span(p span, to sink) {
	picky, _ := to.(pickySink)
	read, passed := 0, 0
	var m column.Mask
	for block := p.from >> column.BlockBits; block<<column.BlockBits < p.to && !s.over.asked(); block++ {
		if s.without(block) || picky != nil && !picky.wants(block) {
			passed++
			continue
		}
		from, end := max(p.from, block<<column.BlockBits), min(p.to, (block+1)<<column.BlockBits)
		m.Fill(from-block<<column.BlockBits, end-block<<column.BlockBits)
		read += end - from
		if s.matches(block, false, &m); !m.Empty() {
			to.take(block, false, &m)
		}
	}
	s.read.Add(int64(read))
	s.passed.Add(int64(passed))
}

// without reports whether the zones of a block of the base say that no row of it
// meets the filter.
func (s *scan) without(block int) bool { return s.zoned != nil && s.zoned.excludes(block) }

// run reads everything, on several cores when it is much. Each goroutine has a sink
// of its own, made in the caller's; their contents are to be merged.
func (s *scan) run(ctx context.Context, newSink func() sink) error {
	if s.plan.byKey {
		s.keys(newSink())
		return ctx.Err()
	}
	first := newSink()
	var morsels []morsel
	if s.cores > 1 && s.v.count >= s.v.layout.tuning.smallScan && !s.plan.indexed {
		for from := 0; from < s.v.count; from += deltaStep {
			morsels = append(morsels, morsel{span{from, min(from+deltaStep, s.v.count)}, true})
		}
	} else if err := s.delta(ctx, first); err != nil {
		return err
	}
	if s.plan.indexed {
		return s.indexed(ctx, first)
	}
	return s.all(ctx, append(morsels, s.morsels(s.plan.spans)...), first, newSink)
}

// morsel is what a goroutine takes at a time.
type morsel struct {
	span
	inDelta bool
}

func (s *scan) morsel(m morsel, to sink) {
	if m.inDelta {
		s.deltaSpan(m.span, to)
	} else {
		s.span(m.span, to)
	}
}

// all reads morsels, on several cores when they are several.
func (s *scan) all(ctx context.Context, morsels []morsel, first sink, newSink func() sink) error {
	if s.cores == 1 || len(morsels) <= 1 {
		for _, m := range morsels {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.morsel(m, first)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	work := func(to sink) {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(morsels) {
				return
			}
			s.morsel(morsels[i], to)
		}
	}
	var wg sync.WaitGroup
	for range min(s.cores, len(morsels)) - 1 {
		to := newSink()
		wg.Go(func() { work(to) })
	}
	work(first)
	wg.Wait()
	return ctx.Err()
}

// morsels cuts the spans at multiples of the morsel.
func (s *scan) morsels(spans []span) []morsel {
	var out []morsel
	size := s.v.layout.tuning.morsel
	for _, p := range spans {
		for p.from < p.to {
			to := min(p.to, (p.from/size+1)*size)
			out = append(out, morsel{span: span{p.from, to}})
			p.from = to
		}
	}
	if s.first != nil {
		s.first.sort(out)
	}
	return out
}

// one gives a row of the base to to, when it is alive and meets the filter.
func (s *scan) one(row int, to sink) {
	s.read.Add(1)
	if s.v.tombstones.dead(row, s.v.clock) || !s.inBase.test(row) {
		return
	}
	if to, ok := to.(rowSink); ok {
		to.takeRow(ref(row))
		return
	}
	var m column.Mask
	m[row>>6%column.BlockWords] = 1 << (row & 63)
	to.take(row>>column.BlockBits, false, &m)
}

// indexed reads the rows that an index has led to.
func (s *scan) indexed(ctx context.Context, to sink) error {
	rows := s.plan.rows
	if len(rows) < column.BlocksFor(s.v.base.rows) { // hardly two of a block
		for some := range slices.Chunk(rows, touchRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.touch(some)
			for i, row := range some {
				if i&15 == 15 && s.over.asked() {
					return ctx.Err()
				}
				s.one(int(row), to)
			}
		}
		return nil
	}
	s.read.Add(int64(len(rows)))
	var m column.Mask
	for n := 0; len(rows) > 0; n++ {
		if s.over.asked() {
			return ctx.Err()
		}
		m = column.Mask{}
		block := rows[0] >> column.BlockBits
		for len(rows) > 0 && rows[0]>>column.BlockBits == block {
			m[rows[0]>>6%column.BlockWords] |= 1 << (rows[0] & 63)
			rows = rows[1:]
		}
		if s.matches(int(block), false, &m); !m.Empty() {
			to.take(int(block), false, &m)
		}
	}
	return nil
}

// touch touches what is looked at of rows that an index has led to.
func (s *scan) touch(rows []uint32) {
	base := s.v.base
	if base.rows < touchBase {
		return
	}
	s.v.tombstones.touch(rows)
	base.cols[s.plan.byColumn].Touch(rows)
	if s.ordered != s.plan.byColumn {
		base.cols[s.ordered].Touch(rows)
	}
}

// keys looks the plan's keys up.
func (s *scan) keys(to sink) {
	for i, k := range s.plan.keys {
		if i&63 == 63 && s.over.asked() {
			return
		}
		r := s.v.find(k)
		if r == noRef {
			continue
		}
		s.read.Add(1)
		if s.test(r) {
			var m column.Mask
			m[r.row()&(column.BlockRows-1)>>6] = 1 << (r.row() & 63)
			to.take(r.row()>>column.BlockBits, r.inDelta(), &m)
		}
	}
}

func (s *scan) test(r ref) bool {
	if r.inDelta() {
		return s.inDelta.test(r.row())
	}
	return s.inBase.test(r.row())
}

func refOf(block, i int, inDelta bool) ref {
	r := ref(block<<column.BlockBits | i)
	if inDelta {
		r |= deltaRef
	}
	return r
}
