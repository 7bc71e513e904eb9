package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

const (
	accounts = 3000
	balance  = 1000
)

func accountsTable() *tables.Table {
	return &tables.Table{
		Name: "accounts", Key: []string{"id"}, SortKey: []string{"branch"},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "branch", Type: tables.Type{Kind: tables.String}},
			{Name: "balance", Type: tables.Type{Kind: tables.Int64}},
		},
	}
}

func account(id int, amount int64) (tables.Key, []tables.Value) {
	row := []tables.Value{tables.Int64Value(int64(id)), tables.StringValue(fmt.Sprintf("branch %d", (int64(id)+amount)%7)), tables.Int64Value(amount)}
	return tables.EncodeKey(row[0]), row
}

// TestReadersSeeWholeTransactions moves money between accounts, closes and opens
// them, seals and compactions, while readers add everything up: every snapshot has to have
// all of the money, however it is read.
func TestReadersSeeWholeTransactions(t *testing.T) {
	s, err := New(Options{Table: accountsTable(), CompactAfter: 4000, Cores: 2})
	if err != nil {
		t.Fatal(err)
	}
	bank := &bank{store: s, balances: map[int]int64{}}
	for id := range accounts {
		bank.set(id, balance)
	}
	if err := bank.commit(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for reader := range 4 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if err := audit(s.Snapshot(), n+reader); err != nil {
					t.Error(err)
					stop()
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(4, 4))
	for n := range 1500 {
		bank.transfer(r)
		if err := bank.commit(); err != nil {
			t.Fatal(err)
		}
		if n%200 == 199 {
			cut := bank.cut(uint64(n))
			all.Go(func() {
				if _, err := s.Seal(ctx, cut); err != nil && !errors.Is(err, ErrCutPassed) && ctx.Err() == nil {
					t.Error(err)
				}
			})
		}
	}
	stop()
	all.Wait()
	s.Close()
	if err := audit(s.Snapshot(), 0); err != nil {
		t.Error(err)
	}
}

// bank is the writer.
type bank struct {
	store    *Store
	balances map[int]int64
	pending  []Change
	offset   int64
}

func (b *bank) set(id int, amount int64) {
	key, row := account(id, amount)
	c := Change{Offset: b.offset, Key: key, Values: row}
	if b.balances[id] = amount; amount == 0 {
		c.Values = nil
		delete(b.balances, id)
	}
	b.offset++
	b.pending = append(b.pending, c)
}

func (b *bank) commit() error {
	err := b.store.Apply(b.pending, tables.Position{b.offset})
	b.pending = b.pending[:0]
	return err
}

// transfer moves some, or all, of an account's money to another.
func (b *bank) transfer(r *rand.Rand) {
	for range 1 + r.IntN(10) {
		from, to := r.IntN(accounts), r.IntN(accounts)
		amount := b.balances[from]
		if from == to || amount == 0 {
			continue
		}
		if r.IntN(3) > 0 {
			amount = 1 + r.Int64N(amount)
		}
		b.set(from, b.balances[from]-amount)
		b.set(to, b.balances[to]+amount)
	}
}

func (b *bank) cut(batch uint64) Cut {
	c := Cut{Batch: batch, Changelog: []int64{b.offset}, Rows: int64(len(b.balances))}
	for id, amount := range b.balances {
		key, row := account(id, amount)
		c.Checksum += wire.RowHash(key, wire.AppendValues(nil, row))
	}
	return c
}

// audit adds a snapshot up, one way or the other.
func audit(s *Snapshot, way int) error {
	ctx := context.Background()
	if way%2 == 0 {
		r, err := s.Query(ctx, &query.Query{Limit: -1, Select: []query.Output{
			{Column: 2, Aggregate: query.Sum}, {Column: -1, Aggregate: query.Count}, {Column: 0, Aggregate: query.CountDistinct},
		}})
		if err != nil {
			return err
		}
		sum, rows, keys := r.Value(0, 0).Decimal(), r.Value(0, 1).Int(), r.Value(0, 2).Int()
		if sum != tables.DecimalFromInt64(accounts*balance) || rows != s.Rows() || keys != rows {
			return fmt.Errorf("version %d: sum %v, %d rows of %d keys, Rows() = %d", s.Version(), sum, rows, keys, s.Rows())
		}
		return nil
	}
	sum, last := int64(0), ""
	var values []tables.Value
	err := s.Stream(ctx, &query.Query{Limit: -1, Select: columnsOf(0, 1, 2)}, func(r *Result) error {
		for i := range r.Len() {
			sum += r.Value(i, 2).Int()
			if branch := r.Value(i, 1).Str(); branch < last {
				return fmt.Errorf("%q comes after %q", branch, last)
			} else {
				last = branch
			}
			var ok bool
			if values, ok = s.Lookup(r.Key(i), values[:0]); !ok || values[2] != r.Value(i, 2) {
				return fmt.Errorf("row %v looks up as %v, %v", r.Value(i, 2), values, ok)
			}
		}
		return nil
	})
	if err == nil && sum != accounts*balance {
		err = fmt.Errorf("version %d: a stream's sum is %d", s.Version(), sum)
	}
	return err
}

// Rows of the snapshot topic have no offset, and a key may be there several times. None is
// lost that comes while the delta is compacted.
func TestRowsWithoutOffsetsOutliveCompactions(t *testing.T) {
	s, err := New(Options{Table: accountsTable(), CompactAfter: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, want := rand.New(rand.NewPCG(8, 8)), map[int]int64{}
	for n := range int64(30_000) {
		id := r.IntN(300)
		key, row := account(id, n)
		if err := s.Apply([]Change{{Offset: -1, Key: key, Values: row}}, nil); err != nil {
			t.Fatal(err)
		}
		want[id] = n
	}
	for id, n := range want {
		key, _ := account(id, n)
		if row, found := s.Snapshot().Lookup(key, nil); !found || row[2].Int() != n {
			t.Errorf("account %d has %v, want %d", id, row, n)
		}
	}
}
