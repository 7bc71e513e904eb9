package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// world is a database and a process that follows it some changes behind. It moves on
// with every call, so that no two reads see the same.
type world struct {
	r       *rand.Rand
	t       *tables.Table
	log     []change // all that ever happened
	applied int      // how much of it the process has
	now     map[int64]int64
	seen    map[int64]int64
	moves   int   // changes that are still to come
	lost    int64 // a key whose changes the process never gets, 0 for none
	silent  bool  // the process cannot say that it has reached a position
}

type change struct {
	key, value int64
	gone       bool
}

func newWorld(seed uint64) *world {
	return &world{
		r: rand.New(rand.NewPCG(seed, 1)), now: map[int64]int64{}, seen: map[int64]int64{},
		t: &tables.Table{Name: "orders", Key: []string{"id"}, Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.Int64}},
		}},
	}
}

func (w *world) columns() []sourceColumn {
	return []sourceColumn{{Column: w.t.Columns[0], expression: "id", native: "id"}, {Column: w.t.Columns[1], expression: "v", native: "v"}}
}

func (w *world) write(key, value int64, gone bool) {
	w.log = append(w.log, change{key, value, gone})
	w.now[key] = value
	if gone {
		delete(w.now, key)
	}
}

// live lets the database change and the process follow.
func (w *world) live() {
	for range w.r.IntN(4) {
		if w.moves > 0 {
			w.moves--
			if k := 1 + w.r.Int64N(60); k != w.lost {
				w.write(k, w.r.Int64N(1000), w.r.IntN(4) == 0)
			}
		}
	}
	w.follow(w.applied + w.r.IntN(6))
}

func (w *world) follow(to int) {
	for ; w.applied < min(to, len(w.log)); w.applied++ {
		c := w.log[w.applied]
		switch {
		case c.key == w.lost:
		case c.gone:
			delete(w.seen, c.key)
		default:
			w.seen[c.key] = c.value
		}
	}
}

func (w *world) row(key int64) row {
	v := []tables.Value{tables.Int64Value(key), tables.Int64Value(w.now[key])}
	return row{key: tables.EncodeKey(v[0]), values: v, page: []any{key}}
}

func (w *world) page(_ context.Context, after *row, limit int) ([]row, error) {
	w.live()
	from := int64(0)
	if after != nil {
		from = after.page[0].(int64)
	}
	var out []row
	for k := range w.now {
		if k > from {
			out = append(out, w.row(k))
		}
	}
	slices.SortFunc(out, func(a, b row) int { return int(a.page[0].(int64) - b.page[0].(int64)) })
	return out[:min(limit, len(out))], nil
}

func (w *world) rows(_ context.Context, keys [][]tables.Value) (map[tables.Key]row, error) {
	w.live()
	out := map[tables.Key]row{}
	for _, k := range keys {
		if _, has := w.now[k[0].Int()]; has {
			out[tables.EncodeKey(k[0])] = w.row(k[0].Int())
		}
	}
	return out, nil
}

func (w *world) position(context.Context) (string, error) { return strconv.Itoa(len(w.log)), nil }

func (w *world) Lookup(_ context.Context, keys []json.RawMessage, position string) (Answer, error) {
	w.live()
	if position != "" {
		if w.silent {
			w.follow(w.applied + 1) // it stands still only at the end
			return Answer{At: strconv.Itoa(w.applied)}, nil
		}
		at, _ := strconv.Atoi(position)
		w.follow(at)
	}
	var out []json.RawMessage
	for _, raw := range keys {
		var k struct{ ID int64 }
		if err := json.Unmarshal(raw, &k); err != nil {
			return Answer{}, err
		}
		v, has := w.seen[k.ID]
		if !has {
			out = append(out, json.RawMessage("null"))
			continue
		}
		out = append(out, fmt.Appendf(nil, `{"id":%d,"v":%d}`, k.ID, v))
	}
	return Answer{Rows: out, Reached: true, At: strconv.Itoa(w.applied)}, nil
}

func (w *world) Keys(_ context.Context, fn func(json.RawMessage) error) error {
	w.live()
	for k := range w.seen {
		if err := fn(fmt.Appendf(nil, `{"id":%d}`, k)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Current(context.Context) (bool, error) {
	w.follow(len(w.log))
	return true, nil
}

func (w *world) verify(t *testing.T) *Report {
	t.Helper()
	o := Options{Table: w.t, Database: &Database{}, Process: w, PageRows: 1 + w.r.IntN(20), Rounds: 1000}
	if err := o.validate(); err != nil {
		t.Fatal(err)
	}
	c, err := o.comparison(w, w.columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestChangesThatAreOnTheirWayAreNoDifferences(t *testing.T) {
	suspects := int64(0)
	for seed := range uint64(300) {
		w := newWorld(seed)
		for k := range int64(40) {
			w.write(1+k, k, false)
		}
		w.moves = 200
		w.silent = seed%4 == 0
		r := w.verify(t)
		if !r.Equal() {
			t.Fatalf("seed %d: %+v", seed, r)
		}
		suspects += r.Suspects
	}
	if suspects == 0 {
		t.Error("no key ever looked different: the test shows nothing")
	}
}

func TestWhatStaysDifferentIsTold(t *testing.T) {
	for seed := range uint64(300) {
		w := newWorld(seed)
		for k := range int64(40) {
			w.write(1+k, k, false)
		}
		w.follow(len(w.log))
		w.moves, w.lost = 100, 1+w.r.Int64N(40)
		want := Different
		switch w.r.IntN(3) {
		case 0:
			w.write(w.lost, 5000, false)
		case 1:
			want = Unexpected
			w.write(w.lost, 0, true)
		default:
			want = Missing
			delete(w.seen, w.lost)
		}
		r := w.verify(t)
		if len(r.Differences) != 1 || r.Differences[0].Kind != want || string(r.Differences[0].Key) != fmt.Sprintf(`{"id":%d}`, w.lost) {
			t.Fatalf("seed %d: %+v, want one row %s: %d", seed, r, want, w.lost)
		}
		if want == Different && string(r.Differences[0].Columns[0].Database) != "5000" {
			t.Fatalf("seed %d: %+v", seed, r.Differences[0])
		}
	}
}

func TestRowsOutsideOfWhereAreNotExpected(t *testing.T) {
	w := newWorld(1)
	w.t.Where = "v < 10"
	for k := range int64(40) {
		w.write(1+k, k, false)
	}
	for k := range int64(40) {
		if k < 10 {
			w.seen[1+k] = k
		}
	}
	w.seen[20] = 19 // it is there and should not be
	w.applied = len(w.log)
	r := w.verify(t)
	if r.Rows != 10 || r.Unexpected != 1 || len(r.Differences) != 1 || string(r.Differences[0].Key) != `{"id":20}` {
		t.Errorf("%+v", r)
	}
}

func TestSameJSON(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"b":[true,null]}`, `{ "b": [true, null], "a": 1 }`, true},
		{`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false},
		{`"\u00e9"`, `"é"`, true},
		{`1`, `x`, false},
	} {
		if got := sameJSON(c.a, c.b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestAddressesThatAreNoDatabase(t *testing.T) {
	table := newWorld(1).t
	for _, address := range []string{"", "orders.db", "http://localhost/x", "postgres://user:secret@[::1/x"} {
		_, err := Open(t.Context(), address, "public.orders", table)
		if err == nil {
			t.Errorf("%s: no error", address)
		}
	}
}
