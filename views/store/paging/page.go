package paging

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// Page is rows of an answer, in order. Their values are read from the columns when they are
// asked for.
type Page struct {
	scan.Stats
	More bool // there are rows behind the last one

	order   *mvcc.Ordering
	outputs []query.Output
	refs    []mvcc.Entry
	columns []int // of the outputs, once they were asked for together
}

// Len returns the number of rows.
func (p *Page) Len() int { return len(p.refs) }

// Value returns one value of a row.
func (p *Page) Value(row, col int) tables.Value {
	return p.order.Version.Value(p.refs[row].Ref, p.outputs[col].Column)
}

// AppendValues appends all values of a row. It is for one goroutine at a time.
func (p *Page) AppendValues(dst []tables.Value, row int) []tables.Value {
	if p.columns == nil {
		p.columns = make([]int, len(p.outputs))
		for i := range p.outputs {
			p.columns[i] = p.outputs[i].Column
		}
	}
	return p.order.Version.AppendColumns(dst, p.columns, p.refs[row].Ref)
}

// Key returns the key of a row.
func (p *Page) Key(row int) tables.Key {
	return tables.Key(p.order.Version.AppendKey(nil, p.refs[row].Ref))
}

// Bookmark returns the place of a row, for the page that begins behind it.
func (p *Page) Bookmark(row int) *query.Bookmark { return p.order.Bookmark(p.refs[row].Ref) }

// touch touches the rows of an answer that lie in the base, in its columns, when they
// are some and lie here and there.
func (p *Page) touch() {
	base := p.order.Version.Base
	if len(p.refs) < 8 || base.Rows < scan.TouchBase {
		return
	}
	rows := make([]uint32, 0, min(len(p.refs), scan.TouchRows))
	for _, e := range p.refs[:cap(rows)] {
		if !e.Ref.InDelta() {
			rows = append(rows, uint32(e.Ref.Row()))
		}
	}
	for _, o := range p.outputs {
		base.Cols[o.Column].Touch(rows)
	}
}
