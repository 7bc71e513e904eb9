package scan

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/views/store/column"
)

// Run reads everything, on several cores when it is much. Each goroutine has a sink
// of its own, made in the caller's; their contents are to be merged.
func (s *Scan) Run(ctx context.Context, newSink func() Sink) error {
	if s.Plan.ByKey {
		s.keys(newSink())
		return ctx.Err()
	}
	first := newSink()
	var morsels []Morsel
	if s.Cores > 1 && s.Version.Count >= s.Version.Layout.Tuning.SmallScan && !s.Plan.Indexed {
		for from := 0; from < s.Version.Count; from += deltaStep {
			morsels = append(morsels, Morsel{Span{from, min(from+deltaStep, s.Version.Count)}, true})
		}
	} else if err := s.Delta(ctx, first); err != nil {
		return err
	}
	if s.Plan.Indexed {
		return s.indexed(ctx, first)
	}
	return s.All(ctx, append(morsels, s.Morsels(s.Plan.Spans)...), first, newSink)
}

func (s *Scan) morsel(m Morsel, to Sink) {
	if m.inDelta {
		s.deltaSpan(m.Span, to)
	} else {
		s.span(m.Span, to)
	}
}

// All reads morsels, on several cores when they are several.
func (s *Scan) All(ctx context.Context, morsels []Morsel, first Sink, newSink func() Sink) error {
	if s.Cores == 1 || len(morsels) <= 1 {
		for _, m := range morsels {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.morsel(m, first)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	work := func(to Sink) {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(morsels) {
				return
			}
			s.morsel(morsels[i], to)
		}
	}
	var wg sync.WaitGroup
	for range min(s.Cores, len(morsels)) - 1 {
		to := newSink()
		wg.Go(func() { work(to) })
	}
	work(first)
	wg.Wait()
	return ctx.Err()
}

// Morsels cuts the spans at multiples of the morsel.
func (s *Scan) Morsels(spans []Span) []Morsel {
	var out []Morsel
	size := s.Version.Layout.Tuning.Morsel
	for _, p := range spans {
		for p.From < p.To {
			to := min(p.To, (p.From/size+1)*size)
			out = append(out, Morsel{Span: Span{p.From, to}})
			p.From = to
		}
	}
	if s.First != nil {
		s.First.sort(out)
	}
	return out
}

// Delta gives all matching rows of the delta to to.
func (s *Scan) Delta(ctx context.Context, to Sink) error {
	for from := 0; from < s.Version.Count; from += deltaStep {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.deltaSpan(Span{from, min(from+deltaStep, s.Version.Count)}, to)
	}
	return nil
}

// deltaStep is how many entries are read until the context is looked at.
const deltaStep = 32 << column.BlockBits

// deltaSpan gives matching rows of a part of the delta, whole chunks but for the last, to to.
func (s *Scan) deltaSpan(p Span, to Sink) {
	var m column.Mask
	for block := p.From >> column.BlockBits; block<<column.BlockBits < p.To && !s.Over.Asked(); block++ {
		m.Fill(0, min(p.To-block<<column.BlockBits, column.BlockRows))
		if d := s.Plan.delta; d != nil {
			if order := s.Version.Chunks[block].Orders[d.order].Load(); order != nil {
				var in column.Mask
				for _, r := range d.ranges {
					order.Mark(s.Version.Chunk(block, s.Version.Layout.Ordered[d.order]), r.Low, r.High, &in)
				}
				m.And(&in)
			}
		}
		s.read.Add(int64(m.Count()))
		if s.matches(block, true, &m); !m.Empty() {
			to.Take(block, true, &m)
		}
	}
}

// span gives all matching rows of a span of the base to to.
func (s *Scan) span(p Span, to Sink) {
	picky, _ := to.(pickySink)
	read, passed := 0, 0
	var m column.Mask
	for block := p.From >> column.BlockBits; block<<column.BlockBits < p.To && !s.Over.Asked(); block++ {
		if s.without(block) || picky != nil && !picky.Wants(block) {
			passed++
			continue
		}
		from, end := max(p.From, block<<column.BlockBits), min(p.To, (block+1)<<column.BlockBits)
		m.Fill(from-block<<column.BlockBits, end-block<<column.BlockBits)
		read += end - from
		if s.matches(block, false, &m); !m.Empty() {
			to.Take(block, false, &m)
		}
	}
	s.read.Add(int64(read))
	s.passed.Add(int64(passed))
}
