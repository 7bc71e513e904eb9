package scan

import (
	"context"
	"slices"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// One gives a row of the base to to, when it is alive and meets the filter.
func (s *Scan) One(row int, to Sink) {
	s.read.Add(1)
	if s.Version.Tombstones.Dead(row, s.Version.Clock) || !s.inBase.Test(row) {
		return
	}
	if to, ok := to.(rowSink); ok {
		to.TakeRow(mvcc.Ref(row))
		return
	}
	var m column.Mask
	m[row>>6%column.BlockWords] = 1 << (row & 63)
	to.Take(row>>column.BlockBits, false, &m)
}

// indexed reads the rows that an index has led to.
func (s *Scan) indexed(ctx context.Context, to Sink) error {
	rows := s.Plan.Rows
	if len(rows) < column.BlocksFor(s.Version.Base.Rows) { // hardly two of a block
		for some := range slices.Chunk(rows, TouchRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.touch(some)
			for i, row := range some {
				if i&15 == 15 && s.Over.Asked() {
					return ctx.Err()
				}
				s.One(int(row), to)
			}
		}
		return nil
	}
	s.read.Add(int64(len(rows)))
	var m column.Mask
	for n := 0; len(rows) > 0; n++ {
		if s.Over.Asked() {
			return ctx.Err()
		}
		m = column.Mask{}
		block := rows[0] >> column.BlockBits
		for len(rows) > 0 && rows[0]>>column.BlockBits == block {
			m[rows[0]>>6%column.BlockWords] |= 1 << (rows[0] & 63)
			rows = rows[1:]
		}
		if s.matches(int(block), false, &m); !m.Empty() {
			to.Take(int(block), false, &m)
		}
	}
	return nil
}

// keys looks the plan's keys up.
func (s *Scan) keys(to Sink) {
	for i, k := range s.Plan.keys {
		if i&63 == 63 && s.Over.Asked() {
			return
		}
		r := s.Version.Find(k)
		if r == mvcc.NoRef {
			continue
		}
		s.read.Add(1)
		if s.test(r) {
			var m column.Mask
			m[r.Row()&(column.BlockRows-1)>>6] = 1 << (r.Row() & 63)
			to.Take(r.Row()>>column.BlockBits, r.InDelta(), &m)
		}
	}
}

func (s *Scan) test(r mvcc.Ref) bool {
	if r.InDelta() {
		return s.inDelta.Test(r.Row())
	}
	return s.inBase.Test(r.Row())
}

// touch touches what is looked at of rows that an index has led to.
func (s *Scan) touch(rows []uint32) {
	base := s.Version.Base
	if base.Rows < TouchBase {
		return
	}
	s.Version.Tombstones.Touch(rows)
	base.Cols[s.Plan.byColumn].Touch(rows)
	if s.Ordered != s.Plan.byColumn {
		base.Cols[s.Ordered].Touch(rows)
	}
}
