package merge

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// Build makes the new base, whose checksum is known, on so many cores.
func (m *Merge) Build(ctx context.Context, checksum uint64, cores int) (*mvcc.Base, error) {
	b := &mvcc.Base{Layout: m.v.Layout, Rows: m.Rows(), Checksum: checksum, Cols: make([]column.Column, len(m.v.Layout.Types))}
	b.Changelog = slices.Clone(m.v.Base.Changelog)
	for p, o := range m.cut {
		b.Changelog = tables.Position(b.Changelog).Set(int32(p), max(o, tables.Position(b.Changelog).At(int32(p))))
	}
	runs := m.runs()
	first, rest := m.stages()
	if err := m.columns(ctx, b, runs, first, cores); err != nil {
		return nil, err
	}
	b.BuildIndex(cores)
	b.BuildIndexes(cores)
	if err := m.columns(ctx, b, runs, rest, cores); err != nil {
		return nil, err
	}
	return b, nil
}

// stages splits the columns: those that indexes are made of come first, because making them
// takes room for a moment, while the new base is small.
func (m *Merge) stages() (first, rest []int) {
	l := m.v.Layout
	for c := range l.Types {
		if l.Table.Columns[c].Index || slices.Contains(l.Key, c) {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	return first, rest
}

// columns makes some columns of the new base.
func (m *Merge) columns(ctx context.Context, b *mvcc.Base, runs []run, cols []int, cores int) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(cores, len(cols)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(cols) {
					return
				}
				b.Cols[cols[i]] = m.column(cols[i], runs, b.Rows)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// column makes one of them.
func (m *Merge) column(col int, runs []run, rows int) column.Column {
	c := columnMerge{Merge: m, col: col, old: &m.v.Base.Cols[col], runs: runs, rows: rows}
	out := column.Column{Type: c.old.Type, Form: c.old.Form}
	c.bitmaps(&out)
	switch out.Form {
	case column.FormInt:
		c.intValues(&out)
	case column.FormWide:
		c.wideValues(&out)
	case column.FormText:
		c.textValues(&out)
	}
	out.MakeZones(rows)
	return out
}
