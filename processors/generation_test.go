package processors

import (
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// generation is the same world, seen with the table's next definition.
func (w *world) generation(change func(*tables.Table)) *world {
	next, t := *w, *w.table
	t.Columns = slices.Clone(t.Columns)
	t.Generation++
	if change != nil {
		change(&t)
	}
	next.table, next.names = &t, w.settings.Names(&t)
	return &next
}

func unchanged(*tables.Table) {}

// from fills a generation from the one of another world.
func from(w *world, rows seed.Rows, start ...seed.Start) func(*Options) {
	plan := &seed.Plan{From: w.table, Rows: rows}
	if len(start) > 0 {
		plan.Start = start[0]
	}
	return func(o *Options) { o.Seed = plan }
}

// afterKills bounds a wait for a group whose members were killed while they joined: the
// brokers wait for each of them for as long as a rebalance may take.
const afterKills = 3 * patience

// filled waits until every partition is live, and returns the counts.
func (w *world) filled() wire.Bootstrap {
	w.t.Helper()
	var sum wire.Bootstrap
	within(w.t, afterKills, "the generation is filled", func() bool {
		p, err := seed.ReadProgress(w.t.Context(), w.settings, w.table)
		sum = p.Sum()
		if sum.Failed != "" {
			w.t.Fatal(sum.Failed)
		}
		return err == nil && p.Live()
	})
	return sum
}

// failed waits until the filling has given up, and returns why.
func (w *world) failed() string {
	w.t.Helper()
	why := ""
	until(w.t, "the filling has failed", func() bool {
		p, err := seed.ReadProgress(w.t.Context(), w.settings, w.table)
		why = p.Failed()
		return err == nil && why != ""
	})
	return why
}

// row returns the newest row that the changelog has of a key; nil when it is gone.
func (w *world) row(id int) *tables.Row {
	w.t.Helper()
	var out *tables.Row
	for _, r := range w.read(w.names.Table) {
		if string(r.Key) != string(w.canonical(id)) {
			continue
		}
		out = nil
		if r.Value == nil {
			continue
		}
		s, err := wire.ParseStateRow(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		row, err := s.Row(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		out = &row
	}
	return out
}

func counts(t *testing.T, got wire.Bootstrap, old, carried, adopted, swept int64) {
	t.Helper()
	if got.Old != old || got.Carried != carried || got.Adopted != adopted || got.Swept != swept {
		t.Errorf("old %d, carried %d, adopted %d, swept %d; want %d, %d, %d, %d",
			got.Old, got.Carried, got.Adopted, got.Swept, old, carried, adopted, swept)
	}
}

// wide is an event with more members than the tests' table has columns.
func wide(id int, v string, amount int) *kgo.Record {
	return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil,
		`{"before":null,"after":{"id":%d,"v":%q,"big":"b","amount":%d,"city":"Rome"},"source":{"connector":"postgresql","snapshot":"false","lsn":1,"ts_ms":5},"op":"u","ts_ms":1}`,
		id, v, amount)}
}

func keepDocuments(t *tables.Table) { t.Document = tables.DocumentKeep }

func addAmount(t *tables.Table) {
	t.Columns = append(t.Columns, tables.Column{Name: "amount", Type: tables.Type{Kind: tables.Int64}})
}

// trim removes the source's records before an offset of every partition, as retention does.
func (w *world) trim(to map[int32]int64) {
	w.t.Helper()
	w.deleteRecords(sourceTopic, to)
}
