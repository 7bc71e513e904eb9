package store

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/merge"
)

func newAccounts(t *testing.T, rows int) *Store {
	t.Helper()
	s, err := New(Options{Table: accountsTable()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for id := range rows {
		apply(t, s, Change{Offset: int64(id), Key: keyOf(id), Values: rowOf(id, 10)}, tables.Position{int64(id) + 1})
	}
	return s
}

func apply(t *testing.T, s *Store, c Change, pos tables.Position) {
	t.Helper()
	if err := s.Apply([]Change{c}, pos); err != nil {
		t.Fatal(err)
	}
}

func keyOf(id int) tables.Key {
	k, _ := account(id, 1)
	return k
}

func rowOf(id int, amount int64) []tables.Value {
	_, v := account(id, amount)
	return v
}

func TestApplyRefusesWhatDoesNotFit(t *testing.T) {
	s := newAccounts(t, 3)
	s.layout.Tuning.Longest = 4<<20 - 1
	good := Change{Offset: 50, Key: keyOf(7), Values: rowOf(7, 1)}
	for name, test := range map[string]struct {
		change Change
		want   string
	}{
		"too few values":    {Change{Offset: 9, Key: keyOf(1), Values: rowOf(1, 1)[:2]}, "2 values, the table 3 columns"},
		"another type":      {Change{Offset: 9, Key: keyOf(1), Values: []tables.Value{tables.Int64Value(1), tables.BoolValue(true), {}}}, "column branch: value is of type bool"},
		"another key":       {Change{Offset: 9, Key: keyOf(2), Values: rowOf(1, 1)}, "key differs"},
		"a key of no type":  {Change{Offset: 9, Key: "x"}, "no canonical key"},
		"no such partition": {Change{Partition: -1, Offset: 9, Key: keyOf(1), Values: rowOf(1, 1)}, "partition -1"},
		"a text too long": {Change{Offset: 9, Key: keyOf(1), Values: []tables.Value{
			tables.Int64Value(1), tables.StringValue(strings.Repeat("x", 4<<20)), {},
		}}, "column branch: value has 4194304 bytes"},
	} {
		err := s.Apply([]Change{good, test.change}, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), ":9") {
			t.Errorf("%s: error %v, want %q and the place", name, err, test.want)
		}
	}
	if rows := s.Snapshot().Rows(); rows != 3 {
		t.Errorf("%d rows after refused changes, want 3", rows)
	}
}

func TestChangesThatWereAppliedAreIgnored(t *testing.T) {
	s := newAccounts(t, 5)
	before := s.Snapshot()
	apply(t, s, Change{Offset: 2, Key: keyOf(2)}, nil)
	if got := s.Snapshot(); got.Rows() != 5 || got.ETag() != before.ETag() {
		t.Fatalf("a change read again was applied: %d rows", got.Rows())
	}
	apply(t, s, Change{Offset: 5, Key: keyOf(2)}, tables.Position{6})
	got := s.Snapshot()
	if got.Rows() != 4 || got.ETag() == before.ETag() || got.Version() != before.Version()+1 || got.Position().At(0) != 6 {
		t.Fatalf("%d rows, version %d after %d, position %v", got.Rows(), got.Version(), before.Version(), got.Position())
	}
	if next := s.Applied(); next[0] != 6 {
		t.Fatalf("Applied() = %v, want 6", next)
	}
	if _, ok := before.Lookup(keyOf(2), nil); !ok || before.Rows() != 5 || before.Position().At(0) != 5 {
		t.Fatal("an older snapshot has changed")
	}
}

func TestPositionMovesWithoutChanges(t *testing.T) {
	s := newAccounts(t, 2)
	before := s.Snapshot()
	if err := s.Apply(nil, tables.Position{9, 4}); err != nil {
		t.Fatal(err)
	}
	if got := s.Snapshot(); got.Position().String() != "0:9,1:4" || got.ETag() != before.ETag() {
		t.Fatalf("position %v, version %d after %d", got.Position(), got.Version(), before.Version())
	}
}

func TestLoadWantsAnEmptyStore(t *testing.T) {
	s := newAccounts(t, 2)
	b := seal(t, s, 1, 2)
	if err := s.Load(b); err == nil {
		t.Fatal("a batch was loaded over rows")
	}
}

func seal(t *testing.T, s *Store, batch uint64, cut int64) *Batch {
	t.Helper()
	m := merge.New(s.current.Load(), []int64{cut})
	b, err := s.Seal(context.Background(), Cut{Batch: batch, Changelog: []int64{cut}, Rows: int64(m.Rows()), Checksum: m.Checksum()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealRefusesACutThatIsPassed(t *testing.T) {
	s := newAccounts(t, 9)
	seal(t, s, 2, 6)
	before := s.Snapshot()
	if _, err := s.Seal(context.Background(), Cut{Batch: 3, Changelog: []int64{5}}); !errors.Is(err, ErrCutPassed) {
		t.Fatalf("Seal before the base: %v, want ErrCutPassed", err)
	}
	if _, err := s.Seal(context.Background(), Cut{Batch: 3, Changelog: []int64{7}, Rows: 7}); !errors.Is(err, ErrChecksum) {
		t.Fatalf("Seal of other rows: %v, want ErrChecksum", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := merge.New(s.current.Load(), []int64{7})
	if _, err := s.Seal(ctx, Cut{Batch: 3, Changelog: []int64{7}, Rows: int64(m.Rows()), Checksum: m.Checksum()}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Seal with an ended context: %v", err)
	}
	if got := s.Snapshot(); got.Batch() != 2 || got.Version() != before.Version() || got.Delta() != before.Delta() {
		t.Fatalf("batch %d, delta %d after refused seals; want 2, %d", got.Batch(), got.Delta(), before.Delta())
	}
}

func TestBatchIsTheRowsAtTheCut(t *testing.T) {
	s := newAccounts(t, 9)
	b := seal(t, s, 1, 6).Snapshot()
	apply(t, s, Change{Offset: 9, Key: keyOf(1)}, nil)
	if b.Rows() != 6 || b.Batch() != 1 || s.Snapshot().Rows() != 8 || s.Snapshot().Delta() != 4 {
		t.Fatalf("%d rows of batch %d; %d rows now, delta of %d", b.Rows(), b.Batch(), s.Snapshot().Rows(), s.Snapshot().Delta())
	}
	if _, ok := b.Lookup(keyOf(1), nil); !ok {
		t.Error("a key removed after the cut is missing in the batch")
	}
	if _, ok := b.Lookup(keyOf(7), nil); ok {
		t.Error("a key added after the cut is in the batch")
	}
}

func TestQueriesAreChecked(t *testing.T) {
	s := newAccounts(t, 3).Snapshot()
	id := columnsOf(0)
	for name, q := range map[string]*query.Query{
		"select of no column":       {Select: columnsOf(3)},
		"order by no column":        {Select: id, Order: []query.Order{{Column: -1}}},
		"filter on no column":       {Select: id, Filter: query.Is{Column: 17}},
		"filter of another type":    {Select: id, Filter: query.Compare{Column: 0, Value: tables.StringValue("1")}},
		"in of another type":        {Select: id, Filter: query.In{Column: 1, Values: []tables.Value{tables.Int64Value(1)}}},
		"pattern on a number":       {Select: id, Filter: query.Like{Column: 0, Pattern: "*"}},
		"truth of a number":         {Select: id, Filter: query.Is{Column: 0, Test: query.IsTrue}},
		"sum of a text":             {Select: []query.Output{{Column: 1, Aggregate: query.Sum}}},
		"bookmark of another order": {Select: id, After: &query.Bookmark{}},
		"bookmark of another type":  {Select: id, After: &query.Bookmark{Values: []tables.Value{tables.Int64Value(1)}}},
		"negative offset":           {Select: id, Offset: -1},
		"limit_by no column":        {Select: id, LimitBy: &query.LimitBy{Columns: []int{5}}},
		"limit_by with aggregates":  {Select: []query.Output{{Column: -1, Aggregate: query.Count}}, LimitBy: &query.LimitBy{N: 1}},
		"order by no output":        {Select: []query.Output{{Column: -1, Aggregate: query.Count}}, Order: []query.Order{{Column: 1}}},
	} {
		if _, err := s.Query(context.Background(), q); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestQueriesEndWithTheirContext(t *testing.T) {
	s := newAccounts(t, 3000)
	seal(t, s, 1, 3000)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, q := range map[string]*query.Query{
		"in the base's order": {Select: columnsOf(0), Limit: 10},
		"in another order":    {Select: columnsOf(0), Limit: 10, Order: []query.Order{{Column: 2}}},
		"aggregate":           {Limit: 10, Select: []query.Output{{Column: -1, Aggregate: query.Count}}},
	} {
		if _, err := s.Snapshot().Query(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
		q.Limit = -1
		if err := s.Snapshot().Stream(ctx, q, func(*Result) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("stream %s: %v, want context.Canceled", name, err)
		}
	}
}

func TestHugeOffsetsAndLimitsAreHarmless(t *testing.T) {
	s := newAccounts(t, 300).Snapshot()
	for _, q := range []query.Query{
		{Select: columnsOf(0), Offset: math.MaxInt, Limit: math.MaxInt},
		{Select: []query.Output{{Column: 0}, {Column: -1, Aggregate: query.Count}}, Offset: math.MaxInt - 1, Limit: math.MaxInt},
		{Select: []query.Output{{Column: 0}, {Column: -1, Aggregate: query.Count}}, Offset: math.MaxInt32, Limit: math.MaxInt32},
	} {
		r, err := s.Query(context.Background(), &q)
		if err != nil || r.Len() != 0 || r.More {
			t.Errorf("offset %d, limit %d: %v", q.Offset, q.Limit, err)
		}
	}
}

func TestSumsAreExactOrRefused(t *testing.T) {
	wideType := tables.Type{Kind: tables.DecimalKind, Precision: 38}
	table := &tables.Table{Name: "t", Key: []string{"id"}, Columns: []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "small", Type: tables.Type{Kind: tables.Int64}}, {Name: "wide", Type: wideType},
	}}
	s, err := New(Options{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	most, err := tables.ParseDecimal(strings.Repeat("9", 38), wideType)
	if err != nil {
		t.Fatal(err)
	}
	for id := range int64(3) {
		row := []tables.Value{tables.Int64Value(id), tables.Int64Value(math.MaxInt64), tables.DecimalValue(most)}
		if id == 2 {
			row[2] = tables.DecimalValue(most.Neg())
		}
		apply(t, s, Change{Offset: id, Key: tables.EncodeKey(row[0]), Values: row}, nil)
	}
	sum := func(col int, filter query.Expr) (tables.Value, error) {
		r, err := s.Snapshot().Query(context.Background(), &query.Query{Filter: filter, Limit: 1, Select: []query.Output{{Column: col, Aggregate: query.Sum}}})
		if err != nil {
			return tables.Value{}, err
		}
		return r.Value(0, 0), nil
	}
	if v, err := sum(1, nil); err != nil || string(tables.AppendDecimal(nil, v.Decimal(), 0)) != "27670116110564327421" {
		t.Errorf("sum of int64s is %v, %v", v, err)
	}
	if v, err := sum(2, nil); err != nil || v.Decimal() != most {
		t.Errorf("sum of decimals is %v, %v", v, err)
	}
	if _, err := sum(2, query.Compare{Column: 0, Op: query.Lt, Value: tables.Int64Value(2)}); !errors.Is(err, query.ErrRange) {
		t.Errorf("sum of 39 digits: %v, want ErrRange", err)
	}
}

func TestMetricsNameTheTable(t *testing.T) {
	reg := prometheus.NewRegistry()
	s, err := New(Options{Table: accountsTable(), Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, Change{Key: keyOf(1), Values: rowOf(1, 1)}, nil)
	seal(t, s, 1, 1)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		m := f.GetMetric()[0]
		got[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	for name, want := range map[string]float64{
		"tidemark_store_rows": 1, "tidemark_store_delta_entries": 0, "tidemark_store_merges_total": 1,
		"tidemark_store_merge_seconds": 1, "tidemark_store_swap_seconds": 1, "tidemark_store_checksum_mismatches_total": 0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s = %v, want %v", name, v, want)
		}
	}
	if got["tidemark_store_bytes"] <= 0 {
		t.Error("tidemark_store_bytes is not positive")
	}
}

func TestChecksumIsThatOfTheStateRows(t *testing.T) {
	s := newAccounts(t, 4)
	want := uint64(0)
	for id := range 4 {
		want += wire.RowHash(keyOf(id), wire.AppendValues(nil, rowOf(id, 10)))
	}
	if b := seal(t, s, 1, 4); b.Checksum != want {
		t.Fatalf("checksum %x, want %x", b.Checksum, want)
	}
}
