package fold

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/tables"
)

func str(s string) tables.Value { return tables.StringValue(s) }

func upsert(offset int64, values ...tables.Value) *tables.Change {
	c := &tables.Change{Op: tables.Upsert, Offset: offset, Values: values}
	for _, v := range values {
		c.Incomplete = c.Incomplete || v.Kind() == tables.Unavailable
	}
	return c
}

func row(offset int64, values ...tables.Value) *tables.Row {
	return &tables.Row{Offset: offset, Values: values}
}

func TestFold(t *testing.T) {
	gone := tables.UnavailableValue()
	none := Known{Deleted: NoOffset}
	del := func(offset int64) *tables.Change { return &tables.Change{Op: tables.Delete, Offset: offset} }
	tests := []struct {
		name   string
		known  Known
		change *tables.Change
		want   Verdict
		delete bool
		values []tables.Value
	}{
		{"a new key", none, upsert(5, str("a")), Applied, false, []tables.Value{str("a")}},
		{"a later change replaces the row", Known{Row: row(4, str("a")), Deleted: NoOffset}, upsert(5, str("b")), Applied, false, []tables.Value{str("b")}},
		{"an older change does not", Known{Row: row(6, str("a")), Deleted: NoOffset}, upsert(5, str("b")), Older, false, nil},
		{"the same change is written again", Known{Row: row(5, str("a")), Deleted: NoOffset}, upsert(5, str("a")), Duplicate, false, []tables.Value{str("a")}},
		{"a change older than the deletion is dropped", Known{Deleted: 6}, upsert(5, str("b")), Older, false, nil},
		{"a change after the deletion inserts again", Known{Deleted: 6}, upsert(7, str("b")), Applied, false, []tables.Value{str("b")}},
		{"a deletion of nothing is written", none, del(5), Applied, true, nil},
		{"a deletion is written again", Known{Deleted: 5}, del(5), Duplicate, true, nil},
		{"an older deletion spares the row", Known{Row: row(6, str("a")), Deleted: NoOffset}, del(5), Older, true, nil},
		{"missing values come from the row", Known{Row: row(4, str("a"), str("b")), Deleted: NoOffset}, upsert(5, gone, str("c")), Filled, false, []tables.Value{str("a"), str("c")}},
		{"or from the last row of the old key", Known{Deleted: NoOffset, Last: row(4, str("a"), str("b"))}, upsert(5, gone, str("c")), Filled, false, []tables.Value{str("a"), str("c")}},
		{"not from a row that the new key still has", Known{Row: row(3, str("x"), str("x")), Deleted: NoOffset, Last: row(4, str("a"), str("b"))}, upsert(5, gone, str("c")), Filled, false, []tables.Value{str("a"), str("c")}},
		{"or stay unavailable", none, upsert(5, gone, str("c")), Applied, false, []tables.Value{gone, str("c")}},
		{"a row of other columns fills nothing", Known{Row: row(4, str("a")), Deleted: NoOffset}, upsert(5, gone, str("c")), Applied, false, []tables.Value{gone, str("c")}},
		{"a row outside where is hidden", none, upsert(5, str("draft")), Hidden, false, []tables.Value{str("draft")}},
	}
	rules := Rules{Where: func(v []tables.Value) bool { return v[0] != str("draft") }}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := rules.Fold(tt.known, tt.change)
			if out.Verdict != tt.want || out.Delete != tt.delete {
				t.Errorf("verdict %v, delete %v, want %v, %v", out.Verdict, out.Delete, tt.want, tt.delete)
			}
			if !cmp.Equal(out.Row.Values, tt.values, cmp.Comparer(func(a, b tables.Value) bool { return a == b })) {
				t.Errorf("values %v, want %v", out.Row.Values, tt.values)
			}
			if out.Row.Hidden != (tt.want == Hidden) {
				t.Errorf("hidden is %v", out.Row.Hidden)
			}
		})
	}
}

func TestWhereSeesTheFilledValues(t *testing.T) {
	rules := Rules{Where: func(v []tables.Value) bool { return v[0] == str("paid") }}
	out := rules.Fold(Known{Row: row(4, str("paid"), str("b")), Deleted: NoOffset}, upsert(5, tables.UnavailableValue(), str("c")))
	if out.Row.Hidden || out.Verdict != Filled {
		t.Errorf("verdict %v, hidden %v: the stored status was paid", out.Verdict, out.Row.Hidden)
	}
}

func TestDocumentsAreMergedAlsoWithNothingStored(t *testing.T) {
	rules := Rules{Merge: func(document, stored []byte) []byte { return append(append(document, '+'), stored...) }}
	c := upsert(5, tables.UnavailableValue())
	c.Document = []byte("new")
	if got := string(rules.Fold(Known{Deleted: NoOffset}, c).Row.Document); got != "new+" {
		t.Errorf("document is %q", got)
	}
	stored := row(4, str("a"))
	stored.Document = []byte("old")
	c = upsert(6, tables.UnavailableValue())
	c.Document = []byte("new")
	if got := string(rules.Fold(Known{Deleted: NoOffset, Row: stored}, c).Row.Document); got != "new+old" {
		t.Errorf("document is %q", got)
	}
}

func TestEveryVerdictHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Verdicts() {
		if v.String() == "" || seen[v.String()] {
			t.Errorf("verdict %d is called %q", v, v)
		}
		seen[v.String()] = true
	}
}

func TestRepeatedEventsAreToldByPositionAndTime(t *testing.T) {
	pg := func(lsn uint64, snapshot bool) tables.SourcePosition {
		return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn, Snapshot: snapshot}
	}
	at := func(offset int64, source tables.SourcePosition, time int64) *tables.Change {
		c := upsert(offset, str("b"))
		c.Source, c.Time = source, time
		return c
	}
	streamed := Known{Row: row(4, str("a")), Deleted: NoOffset, Source: pg(50, false), Time: 1000, Again: true}
	deleted := Known{Deleted: 4, Source: pg(50, false), Time: 1000, Again: true}
	unsigned := streamed
	unsigned.Again = false
	snapshot := streamed
	snapshot.Row = &tables.Row{Offset: 4, Values: []tables.Value{str("a")}, Source: pg(70, true), Streamed: pg(50, false), StreamedTime: 1000}
	for _, tt := range []struct {
		name   string
		known  Known
		change *tables.Change
		want   Verdict
	}{
		{"an earlier position is a repetition", streamed, at(5, pg(49, false), 900), Repeated},
		{"a clock that tells nothing is no proof", streamed, at(5, pg(49, false), 1000), Applied},
		{"without a sign that the source began again it is a change", unsigned, at(5, pg(49, false), 900), Applied},
		{"also of a deleted key", deleted, at(5, pg(49, false), 900), Repeated},
		{"a restored database has later times", streamed, at(5, pg(7, false), 1001), Applied},
		{"the same position does no harm", streamed, at(5, pg(50, false), 1000), Applied},
		{"a later position", streamed, at(5, pg(51, false), 900), Applied},
		{"a snapshot's row is not compared", streamed, at(5, pg(40, true), 900), Applied},
		{"nor an incremental one's", streamed, at(5, tables.SourcePosition{Snapshot: true}, 900), Applied},
		{"a key of which nothing was streamed", Known{Row: row(4, str("a")), Deleted: NoOffset, Again: true}, at(5, pg(1, false), 900), Applied},
		{"another kind of position", streamed, at(5, tables.SourcePosition{Kind: tables.SourceMySQL, Minor: 1}, 900), Applied},
		{"what was streamed before the snapshot", snapshot, at(5, pg(50, false), 1000), Repeated},
		{"what the snapshot's own position would forbid", snapshot, at(5, pg(60, false), 1000), Applied},
		{"the very record is written again", streamed, at(4, pg(50, false), 1000), Duplicate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&Rules{}).Fold(tt.known, tt.change); got.Verdict != tt.want {
				t.Errorf("verdict %v, want %v", got.Verdict, tt.want)
			}
		})
	}
	out := (&Rules{}).Fold(streamed, at(5, pg(70, true), 900))
	if out.Row.Streamed != pg(50, false) || out.Row.StreamedTime != 1000 {
		t.Errorf("the snapshot's row forgets what was streamed before: %+v", out.Row)
	}
}
