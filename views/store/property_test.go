package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/mvcc"
)

// TestStoreEqualsModel drives a store and a map side by side. TIDEMARK_STORE_RUNS is
// the number of runs, TIDEMARK_STORE_SEED the first seed.
func TestStoreEqualsModel(t *testing.T) {
	runs, first := environment(t, "TIDEMARK_STORE_RUNS", 60), environment(t, "TIDEMARK_STORE_SEED", 1)
	for seed := first; seed < first+runs; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			newTrial(t, uint64(seed)).run()
		})
	}
}

func environment(t *testing.T, name string, otherwise int) int {
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// trial is one run of the property test.
type trial struct {
	*testing.T
	*dice
	store  *Store
	model  *model
	next   []int64 // per partition, the offset of the next change
	log    []Change
	batch  uint64
	cut    []int64 // of the newest batch
	pinned []pin
	moves  bool // keys come from several partitions
}

// pin is a snapshot with the rows that it has to show for ever.
type pin struct {
	snapshot *Snapshot
	model    *model
}

func newTrial(t *testing.T, seed uint64) *trial {
	d := newDice(seed)
	out := &trial{T: t, dice: d, model: &model{table: d.table, rows: map[tables.Key][]tables.Value{}}, next: make([]int64, 1+d.IntN(4))}
	out.moves = d.IntN(4) == 0
	out.store = out.newStore()
	return out
}

// newStore returns an empty store with sizes that let small tables take every way.
func (t *trial) newStore() *Store {
	s, err := New(Options{Table: t.table, Cores: 1 + t.IntN(5), CompactAfter: pick(t.dice, 1+t.IntN(200), 1<<20)})
	if err != nil {
		t.Fatal(err)
	}
	if t.IntN(2) == 0 {
		s.layout.Tuning = mvcc.Tuning{
			SmallScan: 100, Morsel: column.BlockRows, SetWords: pick(t.dice, 0, 3, 20, 1000), FewTexts: pick(t.dice, 2, 20, 4000), Sample: 50, Index: 100,
			Ordered: t.IntN(3000), Jump: pick(t.dice, 1, 4, 128), Tail: t.IntN(2), Rounds: t.IntN(2), Longest: column.MaxDictionary,
		}
	}
	return s
}

func (t *trial) run() {
	steps := 10 + t.IntN(20)
	if t.IntN(10) == 0 { // several blocks
		t.ids, steps = 6000, steps/3
		t.change(2 * t.ids)
	}
	for range steps {
		t.step()
	}
	for _, p := range t.pinned {
		t.compare(p)
	}
	t.store.Close()
}

func (t *trial) step() {
	switch t.IntN(11) {
	case 10:
		t.readers(func() { t.change(1 + t.IntN(300)) })
	case 9:
		if t.IntN(6) == 0 {
			t.truncate()
		}
	case 8:
		// Who reads the partitions again reads what was later in one of them before what was
		// earlier in another: of keys that moved, a view has to know the partition.
		if b := t.seal(); b != nil && t.IntN(2) == 0 && !t.moves {
			t.restart(b)
		}
	case 0, 1, 2, 3:
		t.change(1 + t.IntN(1<<t.IntN(10)))
	case 4:
		t.pinned = append(t.pinned, pin{t.store.Snapshot(), t.model.clone()})
	case 5:
		if len(t.pinned) > 0 {
			t.compare(pick(t.dice, t.pinned...))
		}
	default:
		t.compare(pin{t.store.Snapshot(), t.model})
	}
}

// change applies random changes, in one or several calls.
func (t *trial) change(n int) {
	t.edges = t.IntN(12) == 0 // mostly in the delta of a base without any
	var changes []Change
	for range n {
		changes = append(changes, t.oneChange())
	}
	for len(changes) > 0 {
		some := 1 + t.IntN(len(changes))
		if err := t.store.Apply(changes[:some], tables.Position(t.next)); err != nil {
			t.Fatal(err)
		}
		changes = changes[some:]
	}
}

func (t *trial) oneChange() Change {
	id := t.dice.IntN(t.ids)
	key, values := t.row(id)
	if t.IntN(4) == 0 {
		values = nil
	}
	return t.logged(id, key, values)
}

// logged is a change that the model has and the store gets.
func (t *trial) logged(id int, key tables.Key, values []tables.Value) Change {
	p := id % len(t.next)
	if t.moves && t.IntN(3) == 0 {
		p = t.IntN(len(t.next))
	}
	c := Change{Partition: int32(p), Offset: t.next[p], Key: key, Values: values}
	t.next[p] += int64(1 + t.IntN(2))
	if values != nil || t.model.rows[key] != nil || !t.moves { // the store takes no note of another removal
		t.log = append(t.log, c)
	}
	t.model.apply(c)
	return c
}

// truncate removes every row, in one call.
func (t *trial) truncate() {
	var changes []Change
	for id := range t.ids {
		if key, _ := t.row(id); t.model.rows[key] != nil {
			changes = append(changes, t.logged(id, key, nil))
		}
	}
	if err := t.store.Apply(changes, tables.Position(t.next)); err != nil {
		t.Fatal(err)
	}
	t.compare(pin{t.store.Snapshot(), t.model})
}

// at returns the model as of a cut.
func (t *trial) at(cut []int64) *model {
	m := &model{table: t.table, rows: map[tables.Key][]tables.Value{}}
	for _, c := range t.log {
		if c.Offset < cut[c.Partition] {
			m.apply(c)
		}
	}
	return m
}

// seal takes a batch at a random cut, while changes continue.
func (t *trial) seal() *Batch {
	cut := make([]int64, len(t.next))
	for p, end := range t.next {
		from := tables.Position(t.cut).At(int32(p))
		cut[p] = from + t.Int64N(end-from+1)
	}
	want := t.at(cut)
	t.batch++
	c := Cut{Batch: t.batch, Changelog: cut, Source: tables.Position(cut), Rows: int64(len(want.rows)), Checksum: want.checksum()}
	if t.IntN(10) == 0 {
		wrong := c
		wrong.Checksum++
		if _, err := t.store.Seal(context.Background(), wrong); !errors.Is(err, ErrChecksum) && !errors.Is(err, ErrCutPassed) {
			t.Fatalf("Seal with a wrong checksum: %v", err)
		}
	}
	type outcome struct {
		batch *Batch
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		b, err := t.store.Seal(context.Background(), c)
		done <- outcome{b, err}
	}()
	for range t.IntN(4) {
		t.readers(func() { t.change(1 + t.IntN(100)) })
		t.compare(pin{t.store.Snapshot(), t.model})
	}
	o := <-done
	if errors.Is(o.err, ErrCutPassed) { // a compaction came between
		t.batch--
		return nil
	}
	if o.err != nil {
		t.Fatal(o.err)
	}
	t.cut = cut
	if sum := checksumOf(o.batch.base); sum != c.Checksum {
		t.Fatalf("checksum of the batch's columns is %x, want %x", sum, c.Checksum)
	}
	t.pinned = append(t.pinned, pin{o.batch.Snapshot(), want})
	return o.batch
}

// restart writes the newest batch, and continues with a store that begins with its file.
func (t *trial) restart(b *Batch) {
	dir := t.TempDir()
	if _, err := WriteBatch(context.Background(), dir, b); err != nil {
		t.Fatal(err)
	}
	read, err := OpenBatch(context.Background(), dir, b.Batch, t.table)
	if err != nil {
		t.Fatal(err)
	}
	if sum := checksumOf(read.base); sum != b.Checksum {
		t.Fatalf("checksum of the file's columns is %x, want %x", sum, b.Checksum)
	}
	t.compare(pin{read.Snapshot(), t.at(b.Changelog)})
	t.store.Close()
	t.store = t.newStore()
	if err := t.store.Load(read); err != nil {
		t.Fatal(err)
	}
	// More than what is needed is read again.
	if err := t.store.Apply(t.log, tables.Position(t.next)); err != nil {
		t.Fatal(err)
	}
	t.compare(pin{t.store.Snapshot(), t.model})
}

func (t *trial) compare(p pin) {
	t.Helper()
	if err := t.dice.check(p); err != nil {
		t.Fatal(err)
	}
}

// readers lets some readers check what was pinned, each with dice of its own, while do runs.
func (t *trial) readers(do func()) {
	t.Helper()
	pins := append([]pin{{t.store.Snapshot(), t.model.clone()}}, t.pinned...)
	errs := make(chan error, 2)
	for range cap(errs) {
		d, p := t.dice.fork(), pick(t.dice, pins...)
		go func() { errs <- d.check(p) }()
	}
	do()
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

// check asks a snapshot what its rows are known to answer.
func (d *dice) check(p pin) error {
	if got, want := p.snapshot.Rows(), int64(len(p.model.rows)); got != want {
		return fmt.Errorf("Rows() = %d, want %d", got, want)
	}
	for range 4 {
		key, _ := d.row(d.IntN(d.ids))
		got, ok := p.snapshot.Lookup(key, nil)
		want, exists := p.model.rows[key]
		if ok != exists || diff(got, want) != "" {
			return fmt.Errorf("Lookup(%x) = %v, %v; want %v, %v", key, texts(got), ok, texts(want), exists)
		}
	}
	for range 6 {
		if err := d.pages(p, d.query()); err != nil {
			return err
		}
	}
	return d.stream(p, d.query())
}

// stream reads an answer without a limit.
func (d *dice) stream(p pin, q *query.Query) error {
	q.Limit = -1
	want, _ := p.model.query(q)
	if len(want) > 4 && q.Offset == 0 && d.IntN(2) == 0 && !q.Aggregates() { // from the middle
		at := want[len(want)/2]
		q.After = &query.Bookmark{Values: at.order, Key: at.key}
		want, _ = p.model.query(q)
	}
	n := 0
	err := p.snapshot.Stream(context.Background(), q, func(r *Result) error {
		for i := range r.Len() {
			if n >= len(want) || r.Key(i) != want[n].key {
				return fmt.Errorf("row %d of %d has key %x", n, len(want), r.Key(i))
			}
			n++
		}
		return nil
	})
	if err != nil || n != len(want) {
		return fmt.Errorf("Stream(%+v) of table sorted by %v: %d rows of %d, %w", q, d.table.SortKey, n, len(want), err)
	}
	return nil
}

// pages reads the answer page by page.
func (d *dice) pages(p pin, q *query.Query) error {
	for range 4 {
		want, more := p.model.query(q)
		got, err := p.snapshot.Query(context.Background(), q)
		if err != nil {
			return fmt.Errorf("Query(%+v): %w", q, err)
		}
		where := fmt.Sprintf("Query(%+v) of table sorted by %v: %s:", q, d.table.SortKey, got.Plan)
		if got.Len() != len(want) || got.More != more {
			return fmt.Errorf("%s %d rows, more %v; want %d, %v", where, got.Len(), got.More, len(want), more)
		}
		for i, w := range want {
			var values []tables.Value
			for c := range q.Select {
				values = append(values, got.Value(i, c))
			}
			if together := diff(got.AppendValues(nil, i), values); together != "" {
				return fmt.Errorf("%s\nrow %d of %d, its values together and one by one\n%s", where, i, len(want), together)
			}
			if diff := diff(values, w.values); diff != "" || got.Key(i) != w.key {
				return fmt.Errorf("%s\nrow %d of %d, key %x, want key %x\n%s", where, i, len(want), got.Key(i), w.key, diff)
			}
		}
		if !more || got.Len() == 0 {
			return nil
		}
		next := *q
		next.After, next.Offset = got.Bookmark(got.Len()-1), 0
		q = &next
	}
	return nil
}

// diff compares values the way readers do: unavailable is null and the zeros of
// floats are one.
func diff(got, want []tables.Value) string {
	if len(got) != len(want) {
		return "different lengths"
	}
	for i := range got {
		if tables.Compare(got[i], want[i]) != 0 {
			return cmp.Diff(texts(got), texts(want))
		}
	}
	return ""
}

func texts(values []tables.Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%s %v", v.Kind(), v))
	}
	return out
}

// checksumOf computes the checksum of all rows from the columns.
func checksumOf(b *mvcc.Base) (sum uint64) {
	var h mvcc.Hasher
	for row := range b.Rows {
		sum += b.RowHash(&h, row)
	}
	return sum
}
