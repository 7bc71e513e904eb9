package verify

import (
	"context"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// foreigner has one row more at the end, whose key is a text where a number is declared.
type foreigner struct{ *world }

func (f foreigner) page(ctx context.Context, after *row, limit int) ([]row, error) {
	const last = int64(1 << 40)
	if after != nil && after.page[0] == last {
		return nil, nil
	}
	rows, err := f.world.page(ctx, after, limit)
	if len(rows) < limit {
		rows = append(rows, row{values: make([]tables.Value, 2), unreadable: map[int]string{0: "many"}, page: []any{last}})
	}
	return rows, err
}

func TestAKeyOfAnotherTypeIsARowThatTheTableLacks(t *testing.T) {
	w := newWorld(7)
	for k := range int64(20) {
		w.write(1+k, k, false)
	}
	w.follow(len(w.log))
	o := Options{Table: w.t, Database: &Database{}, Process: w, PageRows: 7}
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	c, err := o.comparison(foreigner{w}, w.columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.ForeignKeys != 1 || r.NoKey != 0 || r.Equal() || r.Rows != int64(len(w.now)) || r.Different+r.Missing+r.Unexpected > 0 {
		t.Errorf("%+v", r)
	}
}
