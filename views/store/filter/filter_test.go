package filter

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// one is a delta of some chunks of one column.
type one []*column.Chunk

func (d one) Blocks() int                      { return len(d) }
func (d one) Chunk(block, _ int) *column.Chunk { return d[block] }

// values are integers and nulls, as the column of a base and as chunks of a delta.
func values(r *rand.Rand, n int) (rows [][]tables.Value, base []column.Column, delta one) {
	c := column.Column{Type: tables.Type{Kind: tables.Int64}, Form: column.FormInt, Ints: column.NewPacked(n, 0, 999), Valid: column.NewBitmap(n)}
	for i := range n {
		if i&(column.BlockRows-1) == 0 {
			delta = append(delta, &column.Chunk{States: make([]uint8, column.BlockRows), Ints: make([]uint64, column.BlockRows)})
		}
		v := tables.Value{}
		if r.IntN(8) > 0 {
			v = tables.Int64Value(int64(i/column.BlockRows*200 + r.IntN(300)))
			c.Valid.Set(i)
			c.Ints.Set(i, v.Int())
		}
		delta[len(delta)-1].Put(column.FormInt, i&(column.BlockRows-1), v)
		rows = append(rows, []tables.Value{v})
	}
	c.MakeZones(n)
	return rows, []column.Column{c}, delta
}

// TestBaseAndDeltaAgreeWithTheMatcher asks both, block by block and row by row, what the matcher of
// streams says of each row.
func TestBaseAndDeltaAgreeWithTheMatcher(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const n = 3*column.BlockRows + 100
	rows, base, delta := values(r, n)
	integer := func(x int64) tables.Value { return tables.Int64Value(x) }
	above, below := query.Compare{Op: query.Gt, Value: integer(150)}, query.Compare{Op: query.Lte, Value: integer(420)}
	in := query.In{Values: []tables.Value{integer(3), integer(201), integer(202), integer(650)}}
	schema := &column.Schema{
		Table: &tables.Table{Name: "t", Columns: []tables.Column{{Name: "n", Type: base[0].Type}}}, Types: []tables.Type{base[0].Type}, Forms: []column.Form{column.FormInt},
	}
	for i, e := range []query.Expr{
		nil, above, query.Not{Expr: above}, query.And{above, below}, query.Or{below, in}, query.Not{Expr: query.And{above, below}}, in, query.Not{Expr: in},
		query.Is{Test: query.IsNull}, query.Not{Expr: query.Is{Test: query.IsNull}}, query.And{above, query.Not{Expr: in}}, query.Or{},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			c, err := Compile(schema, e)
			if err != nil {
				t.Fatal(err)
			}
			m := query.Compile(e)
			check(t, "base", OverBase(c, base, n, nil), rows, m)
			check(t, "delta", OverDelta(c, delta, nil), rows, m)
		})
	}
}

func check(t *testing.T, where string, p Predicate, rows [][]tables.Value, m *query.Matcher) {
	t.Helper()
	for block := range column.BlocksFor(len(rows)) {
		var in column.Mask
		in.Fill(0, min(len(rows)-block<<column.BlockBits, column.BlockRows))
		all := in
		p.Refine(block, &in)
		for i := range all.Each {
			row := block<<column.BlockBits | i
			want := m.Match(rows[row])
			if got := in[i>>6]>>(i&63)&1 == 1; got != want || p.Test(row) != want {
				t.Fatalf("%s: row %d of %v: by block %v, alone %v, want %v", where, row, rows[row], got, p.Test(row), want)
			}
		}
		if e, ok := p.(Excluder); ok && e.Excludes(block) && !in.Empty() {
			t.Errorf("%s: block %d is ruled out and has rows", where, block)
		}
	}
}
