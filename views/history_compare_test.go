package views_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// equal compares every kind of answer with the oracle at the position that they name.
func (m *historyModel) equal(v *running, what string) {
	m.t.Helper()
	if !v.Readable() {
		return
	}
	snap := v.Snapshot()
	pos := v.Position(snap)
	want, bare := map[int64]oracle.Row{}, map[int64]oracle.Row{}
	groups := map[string]string{}
	count, sum := map[string]int64{}, map[string]int64{}
	for id, r := range m.at(pos).Rows() {
		if outside(&r) {
			continue
		}
		want[id] = r
		bare[id] = r.Bare()
		g := "null"
		if r.HasAmount {
			g = fmt.Sprint(r.Amount)
		}
		count[g]++
		sum[g] += r.Amount
		groups[g] = fmt.Sprint(count[g], " ", sum[g])
		if !r.HasAmount {
			groups[g] = fmt.Sprint(count[g], " null")
		}
	}
	m.compare(what+", rows at "+pos.String(), want, m.lookups(v, snap, want))
	m.compare(what+", list at "+pos.String(), bare, m.list(snap))
	m.compare(what+", groups at "+pos.String(), groups, m.groups(snap))
	if n := snap.Rows(); n != int64(len(want)) {
		m.t.Fatalf("%s: %d rows at %s, want %d", what, n, pos, len(want))
	}
}

func (m *historyModel) compare(what string, want, got any) {
	m.t.Helper()
	diff := cmp.Diff(want, got)
	if diff == "" {
		return
	}
	wanted, _ := want.(map[int64]oracle.Row)
	rows, _ := got.(map[int64]oracle.Row)
	for id := range m.ids {
		if wanted[id] != rows[id] {
			m.story(id)
		}
	}
	m.t.Fatalf("%s differ (-want +got):\n%.4000s", what, diff)
}

// lookups reads row by row, with documents. One that has changed since says so: it is taken
// for what is wanted.
func (m *historyModel) lookups(v *running, snap *store.Snapshot, want map[int64]oracle.Row) map[int64]oracle.Row {
	m.t.Helper()
	out := map[int64]oracle.Row{}
	for id := range m.ids {
		values, ok := snap.Lookup(key(id), nil)
		if !ok {
			continue
		}
		row := shown(values)
		document, changed, err := v.DocumentOf(snap, key(id))
		if err != nil {
			m.t.Fatal(err)
		}
		row.Document = string(document)
		if changed {
			row.Document = want[id].Document
		}
		out[id] = row
	}
	return out
}

func shown(values []tables.Value) oracle.Row {
	r := oracle.Row{V: values[1].Str(), Big: values[3].Str()}
	if values[2].Kind() == tables.Int64 {
		r.HasAmount, r.Amount = true, values[2].Int()
	}
	return r
}

// list reads the whole table in pages, in the order of its sort key.
func (m *historyModel) list(snap *store.Snapshot) map[int64]oracle.Row {
	m.t.Helper()
	out := map[int64]oracle.Row{}
	q := &query.Query{Limit: 3, Select: []query.Output{{Column: 0}, {Column: 1}, {Column: 2}, {Column: 3}}}
	last := ""
	for {
		r, err := snap.Query(m.t.Context(), q)
		if err != nil {
			m.t.Fatal(err)
		}
		for i := range r.Len() {
			values := r.AppendValues(nil, i)
			id, row := values[0].Int(), shown(values)
			if _, twice := out[id]; twice || row.V < last {
				m.t.Fatalf("row %d with v %s follows %s, twice: %v", id, row.V, last, twice)
			}
			out[id], last = row, row.V
		}
		if !r.More {
			return out
		}
		q.After = r.Bookmark(r.Len() - 1)
	}
}

// groups counts and adds up in the columns.
func (m *historyModel) groups(snap *store.Snapshot) map[string]string {
	m.t.Helper()
	r, err := snap.Query(m.t.Context(), &query.Query{Limit: -1, Select: []query.Output{
		{Column: 2}, {Column: -1, Aggregate: query.Count}, {Column: 2, Aggregate: query.Sum},
	}})
	if err != nil {
		m.t.Fatal(err)
	}
	text := func(v tables.Value, k tables.Kind) string {
		return string(tables.AppendText(nil, tables.Type{Kind: k}, v))
	}
	out := map[string]string{}
	for i := range r.Len() {
		group, sum := "null", "null"
		if v := r.Value(i, 0); v.Kind() == tables.Int64 {
			group, sum = text(v, tables.Int64), text(r.Value(i, 2), r.Outputs[2].Type.Kind)
		}
		out[group] = fmt.Sprint(r.Value(i, 1).Int(), " ", sum)
	}
	return out
}

// story logs what the source has of a key.
func (m *historyModel) story(id int64) {
	for p := range m.parts {
		for _, r := range m.s.Readable(int32(p)) {
			if r.ID == id {
				m.t.Logf("key %d, %d:%d: kind %d, v %q, %+v", id, p, r.Offset, r.Kind, r.Row.V, r.Place)
			}
		}
	}
	for _, r := range m.changelogOf(id) {
		m.t.Logf("key %d, changelog %d:%d: %d bytes, %v", id, r.Partition, r.Offset, len(r.Value), r.Headers)
	}
}

// changelogOf reads the changelog's records of a key.
func (m *historyModel) changelogOf(id int64) (out []*kgo.Record) {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Second)
	defer cancel()
	c := m.newClient(kgo.ConsumeTopics(m.names.Table))
	for {
		fetches := c.PollFetches(ctx)
		if ctx.Err() != nil {
			return out
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if string(r.Key) == string(key(id)) {
				out = append(out, r)
			}
		})
	}
}
