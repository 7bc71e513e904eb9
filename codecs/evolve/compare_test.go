package evolve_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func ordersDefinition() *tables.Table {
	return &tables.Table{
		Name: "orders", Key: []string{"id"}, Document: tables.DocumentKeep, SortKey: []string{"id"}, Where: "status <> 'draft'",
		Source: tables.Source{Topic: "shop.orders", Format: tables.DebeziumJSON, Partitioner: tables.PartitionMurmur2},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "status", Type: tables.Type{Kind: tables.String}},
			{Name: "n", Type: tables.Type{Kind: tables.Int64}},
			{Name: "total", Type: decimalOf(12, 2), Encoding: tables.EncodingDecimalString},
			{Name: "raw", Type: decimalOf(12, 2), Encoding: tables.EncodingDecimalBase64},
		},
		Batch: tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 3},
	}
}

func decimalOf(p, s uint8) tables.Type {
	return tables.Type{Kind: tables.DecimalKind, Precision: p, Scale: s}
}

// comparison is a change of a definition, and what it takes.
type comparison struct {
	name   string
	both   func(*tables.Table) // of both definitions
	change func(*tables.Table)
	cost   evolve.Cost
	filled []string
	reason string // a part of the first
	taken  bool   // whether readers lose something
}

func noDocuments(t *tables.Table) { t.Document = tables.DocumentDrop }

func TestCompareSettings(t *testing.T) {
	for _, c := range []comparison{
		{name: "nothing", change: func(*tables.Table) {}},
		{name: "another generation", change: func(t *tables.Table) { t.Generation = 7 }},
		{name: "on_error", change: func(t *tables.Table) { t.Columns[2].NullOnError = true }, reason: "from now on"},
		{name: "sort key", change: func(t *tables.Table) { t.SortKey = []string{"n"} }, cost: evolve.CostView, reason: "sort key"},
		{name: "index", change: func(t *tables.Table) { t.Columns[2].Index = true }, cost: evolve.CostView, reason: "index"},
		{name: "batches", change: func(t *tables.Table) { t.Batch.KeepLast = 9 }, cost: evolve.CostView, reason: "batches"},
		{name: "where", change: func(t *tables.Table) { t.Where = "" }, cost: evolve.CostCarry, reason: "where", taken: true},
		{name: "documents no longer kept", change: noDocuments, cost: evolve.CostCarry, reason: "no longer kept", taken: true},
		{name: "documents kept from now on", both: noDocuments, change: func(t *tables.Table) { t.Document = tables.DocumentKeep }, cost: evolve.CostRebuild, reason: "none were"},
		{name: "topic", change: func(t *tables.Table) { t.Source.Topic = "other" }, cost: evolve.CostRebuild, reason: "source topic is other", taken: true},
		{name: "format", change: func(t *tables.Table) { t.Source.Format = tables.FlattenedJSON }, cost: evolve.CostRebuild, reason: "format", taken: true},
		{name: "partitioner", change: func(t *tables.Table) { t.Source.Partitioner = tables.PartitionAny }, cost: evolve.CostRebuild, reason: "partitioner", taken: true},
		{name: "placeholder", change: func(t *tables.Table) { t.Source.Placeholder = "x" }, cost: evolve.CostRebuild, reason: "placeholder", taken: true},
		{name: "missing members", change: func(t *tables.Table) { t.Source.Missing = tables.MissingKeep }, cost: evolve.CostRebuild, reason: "read in another way", taken: true},
		{name: "key", change: func(t *tables.Table) { t.Key = []string{"id", "n"} }, cost: evolve.CostRebuild, reason: "the key is [id n]", taken: true},
		{name: "the key's type", change: func(t *tables.Table) { t.Columns[0].Type = tables.Type{Kind: tables.String} }, cost: evolve.CostRebuild, reason: "key column id", taken: true},
	} {
		t.Run(c.name, c.check)
	}
}

func TestCompareColumns(t *testing.T) {
	add := func(c tables.Column) func(*tables.Table) {
		return func(t *tables.Table) { t.Columns = append(t.Columns, c) }
	}
	for _, c := range []comparison{
		{name: "a column dropped", change: func(t *tables.Table) { t.Columns = t.Columns[:4] }, cost: evolve.CostCarry, reason: "raw is gone", taken: true},
		{name: "columns in another order", change: func(t *tables.Table) { t.Columns[1], t.Columns[2] = t.Columns[2], t.Columns[1] }, cost: evolve.CostCarry, reason: "order"},
		{
			name: "a column added, with documents", change: add(tables.Column{Name: "city", Path: "address.city", Type: tables.Type{Kind: tables.String}}),
			cost: evolve.CostCarry, filled: []string{"city"}, reason: "city is new, its values are read from the documents",
		},
		{
			name: "a column added, without documents", both: noDocuments, change: add(tables.Column{Name: "city", Type: tables.Type{Kind: tables.String}}),
			cost: evolve.CostRebuild, reason: "no documents are kept",
		},
		{
			name: "a column added that only a schema tells", change: add(tables.Column{Name: "at", Type: tables.Type{Kind: tables.Timestamp}}),
			cost: evolve.CostRebuild, reason: "declare the column's encoding",
		},
		{
			name: "a column added with its encoding", change: add(tables.Column{Name: "at", Type: tables.Type{Kind: tables.Timestamp}, Encoding: tables.EncodingEpochUs}),
			cost: evolve.CostCarry, filled: []string{"at"}, reason: "at is new",
		},
		{
			name: "a column renamed", both: noDocuments, change: func(t *tables.Table) { t.Columns[1].Name, t.Columns[1].Path, t.Where = "state", "status", "" },
			cost: evolve.CostCarry, reason: "state is new, its values are those of status", taken: true,
		},
		{
			name: "a column with one more place", change: func(t *tables.Table) {
				t.Columns[1].Path, t.Columns[1].OtherPaths = "state", []string{"status"}
			},
			cost: evolve.CostCarry, filled: []string{"status"}, reason: "status is changed, its values are read",
		},
		{
			name: "a decimal of more digits", both: noDocuments, change: func(t *tables.Table) { t.Columns[4].Type = decimalOf(20, 2) },
			cost: evolve.CostCarry, reason: "raw is a decimal(20,2) instead of a decimal(12,2)",
		},
		{
			name: "a decimal of more places", both: noDocuments, change: func(t *tables.Table) { t.Columns[3].Type = decimalOf(14, 4) },
			cost: evolve.CostCarry, reason: "total is a decimal(14,4)", taken: true,
		},
		{
			name: "another scale of base64", both: noDocuments, change: func(t *tables.Table) { t.Columns[4].Type = decimalOf(14, 4) },
			cost: evolve.CostRebuild, reason: "raw is changed", taken: true,
		},
		{
			name: "a decimal of fewer digits", both: noDocuments, change: func(t *tables.Table) { t.Columns[3].Type = decimalOf(10, 2) },
			cost: evolve.CostRebuild, reason: "total is changed", taken: true,
		},
		{
			name: "an integer as a decimal", both: noDocuments, change: func(t *tables.Table) { t.Columns[2].Type = decimalOf(25, 2) },
			cost: evolve.CostCarry, reason: "n is a decimal(25,2)", taken: true,
		},
		{
			name: "an integer as text", change: func(t *tables.Table) { t.Columns[2].Type = tables.Type{Kind: tables.String} },
			cost: evolve.CostCarry, filled: []string{"n"}, reason: "n is changed, its values are read", taken: true,
		},
	} {
		t.Run(c.name, c.check)
	}
}

func (c comparison) check(t *testing.T) {
	from, to := ordersDefinition(), ordersDefinition()
	if c.both != nil {
		c.both(from)
		c.both(to)
	}
	c.change(to)
	d := evolve.Compare(from, to)
	if d.Cost != c.cost {
		t.Errorf("it costs %s, want %s: %v", d.Cost, c.cost, d.Reasons)
	}
	if diff := cmp.Diff(c.filled, d.Filled); diff != "" {
		t.Error(diff)
	}
	if (len(d.Taken) > 0) != c.taken {
		t.Errorf("what is taken from readers is %q", d.Taken)
	}
	if c.reason == "" && len(d.Reasons) > 0 || c.reason != "" && (len(d.Reasons) == 0 || !strings.Contains(strings.Join(d.Reasons, "\n"), c.reason)) {
		t.Errorf("the reasons are %q, want one with %q", d.Reasons, c.reason)
	}
}

func rewrite(t *testing.T, from, to *tables.Table, row tables.Row) (tables.Row, error) {
	t.Helper()
	w, err := evolve.NewRewriter(from, to)
	if err != nil {
		t.Fatal(err)
	}
	s, err := wire.ParseStateRow(wire.AppendStateRow(nil, wire.Fingerprint(from), &row))
	if err != nil {
		t.Fatal(err)
	}
	return w.Rewrite(tables.EncodeKey(tables.Int64Value(7)), &s)
}

func orderRow(document string) tables.Row {
	total := tables.DecimalFromInt64(1250)
	return tables.Row{
		Values: []tables.Value{
			tables.Int64Value(7), tables.StringValue("paid"), tables.Int64Value(-3), tables.DecimalValue(total), tables.UnavailableValue(),
		},
		Document: []byte(document), Offset: 40, Time: 5, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 9},
	}
}

func TestRewriteKeepsWhatDidNotChangeAndReadsTheRestFromTheDocument(t *testing.T) {
	from, to := ordersDefinition(), ordersDefinition()
	to.Columns = append([]tables.Column{
		{Name: "at", Path: "meta.at", Type: tables.Type{Kind: tables.Timestamp}, Encoding: tables.EncodingEpochMs},
		{Name: "state", Path: "status", Type: tables.Type{Kind: tables.String}},
		{Name: "none", Type: tables.Type{Kind: tables.String}},
	}, to.Columns...)
	to.Columns[5].Type = decimalOf(25, 1) // n
	to.Columns[6].Type = decimalOf(14, 3) // total
	to.Where = "status = 'draft'"
	was := orderRow(`{"id":7,"status":"from the document","meta":{"at":1500}}`)
	got, err := rewrite(t, from, to, was)
	if err != nil {
		t.Fatal(err)
	}
	want := []tables.Value{
		tables.TimestampValue(1_500_000), tables.StringValue("paid"), {}, tables.Int64Value(7), tables.StringValue("paid"),
		tables.DecimalValue(tables.DecimalFromInt64(-30)), tables.DecimalValue(tables.DecimalFromInt64(12500)), tables.UnavailableValue(),
	}
	if len(got.Values) != len(want) {
		t.Fatalf("%d values, want %d", len(got.Values), len(want))
	}
	for i := range want {
		if got.Values[i] != want[i] {
			t.Errorf("column %s is %v, want %v", to.Columns[i].Name, got.Values[i], want[i])
		}
	}
	if !got.Hidden || got.Offset != was.Offset || got.Time != was.Time || got.Source != was.Source || string(got.Document) != string(was.Document) {
		t.Errorf("the row is %+v", got)
	}
}

func TestRewriteSaysWhichValueNothingTells(t *testing.T) {
	city := func(typ tables.Type, null bool) *tables.Table {
		to := ordersDefinition()
		to.Columns = append(to.Columns, tables.Column{Name: "city", Type: typ, NullOnError: null})
		return to
	}
	text, number, js := tables.Type{Kind: tables.String}, tables.Type{Kind: tables.Int64}, tables.Type{Kind: tables.JSON}
	for _, tt := range []struct {
		name, document, reason string
		to                     *tables.Table
		kind                   tables.Kind
	}{
		{"no document", "", "no document", city(text, false), tables.Unavailable},
		{"a broken document", `{"city":`, "cannot be read", city(text, false), tables.Unavailable},
		{"another type", `{"city":"Rome"}`, "Rome", city(number, false), tables.Unavailable},
		{"another type, on_error: null", `{"city":"Rome"}`, "", city(number, true), tables.Null},
		{"a number that may be a date", `{"city":19000}`, "declare the column's encoding", city(text, false), tables.Unavailable},
		{"text that may hold JSON", `{"city":"{}"}`, "declare the column's encoding", city(js, false), tables.Unavailable},
		{"nothing there", `{"id":7}`, "", city(text, false), tables.Null},
		{"a placeholder", `{"city":"` + tables.DefaultPlaceholder + `"}`, "", city(text, false), tables.Unavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row := orderRow(tt.document)
			if tt.document == "" {
				row.Document = nil
			}
			got, err := rewrite(t, ordersDefinition(), tt.to, row)
			if k := got.Values[5].Kind(); k != tt.kind {
				t.Errorf("the value is a %v, want %v", k, tt.kind)
			}
			if tt.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			unread, ok := err.(*evolve.UnreadError) //nolint:errorlint // it is never wrapped
			if !ok || unread.Column != "city" || unread.Key != "7" || !strings.Contains(unread.Reason, tt.reason) {
				t.Errorf("error %v, want one of city, key 7, with %q", err, tt.reason)
			}
		})
	}
}

// A row of yet other columns gives its values by its document alone.
func TestRewriteOfARowOfOtherColumnsReadsItsDocument(t *testing.T) {
	from, other := ordersDefinition(), ordersDefinition()
	other.Columns = other.Columns[:2]
	w, err := evolve.NewRewriter(from, from)
	if err != nil {
		t.Fatal(err)
	}
	row := tables.Row{
		Values:   []tables.Value{tables.Int64Value(7), tables.StringValue("old")},
		Document: []byte(`{"id":7,"status":"new","n":5,"total":"1.50","raw":"Dw=="}`),
	}
	s, err := wire.ParseStateRow(wire.AppendStateRow(nil, wire.Fingerprint(other), &row))
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Rewrite(tables.EncodeKey(tables.Int64Value(7)), &s)
	if err != nil || got.Values[1].Str() != "new" || got.Values[2].Int() != 5 || got.Values[3].Decimal() != tables.DecimalFromInt64(150) ||
		got.Values[4].Decimal() != tables.DecimalFromInt64(15) {
		t.Errorf("%v, %v", got.Values, err)
	}
}
