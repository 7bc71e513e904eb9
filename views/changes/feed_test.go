package changes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
)

const partitions = 3

// source is a table that changes at random, and its feed.
type source struct {
	r       *rand.Rand
	feed    *changes.Feed
	rows    map[tables.Key]int64
	at      tables.Position
	version uint64
}

func newSource(seed uint64, limit int64) *source {
	s := &source{r: rand.New(rand.NewPCG(seed, 5)), rows: map[tables.Key]int64{}, at: make(tables.Position, partitions)}
	s.feed = changes.New(s.at, limit)
	return s
}

func value(v int64) []tables.Value { return []tables.Value{tables.Int64Value(v)} }

// step makes a group of changes of different keys. Some events change several keys,
// and some offsets change nothing.
func (s *source) step() {
	s.version++
	g := changes.Group{Version: s.version}
	used := map[tables.Key]bool{}
	for range s.r.IntN(6) {
		p := int32(s.r.IntN(partitions))
		s.at[p] += int64(1 + s.r.IntN(2))
		for range 1 + s.r.IntN(8)/7*3 {
			k := tables.EncodeKey(tables.Int64Value(int64(s.r.IntN(30))))
			if used[k] {
				continue
			}
			used[k] = true
			c := changes.Change{Key: k, Partition: p, Next: s.at[p]}
			if v, has := s.rows[k]; has {
				c.Old = value(v)
			}
			if s.r.IntN(3) == 0 {
				delete(s.rows, k)
			} else {
				s.rows[k] = s.r.Int64N(1000)
				c.New = value(s.rows[k])
			}
			if c.Old != nil || c.New != nil {
				g.Changes = append(g.Changes, c)
			}
		}
	}
	g.After = s.at.Clone()
	s.feed.Append(g)
}

// client has what the events that it took say, and where it would resume.
type client struct {
	rows map[tables.Key]int64
	id   tables.Position
}

// take applies events and fails when one does not fit what the client has.
func (c *client) take(t *testing.T, e changes.Event) {
	t.Helper()
	v, has := c.rows[e.Key]
	if has != (e.Old != nil) || has && v != e.Old[0].Int() {
		t.Fatalf("key %x: the event is from %v, the client has %v %v", e.Key, e.Old, v, has)
	}
	delete(c.rows, e.Key)
	if e.New != nil {
		c.rows[e.Key] = e.New[0].Int()
	}
}

// A client that is cut off after any event and comes back with the last id that it
// got ends with exactly the rows of the source, and every event fits what it has.
func TestResumingAnywhereLosesAndRepeatsNothing(t *testing.T) {
	for seed := range uint64(300) {
		s := newSource(seed, 1<<30)
		for range 5 {
			s.step()
		}
		c := &client{rows: maps.Clone(s.rows), id: s.at.Clone()}
		reader := s.feed.From(s.version, s.at)
		for range 60 {
			for range 1 + s.r.IntN(4) {
				s.step()
			}
			before := maps.Clone(c.rows) // at c.id
			b, err := reader.Next(soon(t))
			if errors.Is(err, context.DeadlineExceeded) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			cut := len(b.Events)
			if s.r.IntN(2) == 0 {
				cut = s.r.IntN(len(b.Events) + 1)
			}
			for _, e := range b.Events[:cut] {
				c.take(t, e)
				if e.ID != nil {
					c.id, before = e.ID, maps.Clone(c.rows)
				}
			}
			if cut < len(b.Events) {
				c.rows = before // what came after the last id is told again
				if reader, err = s.feed.Resume(c.id); err != nil {
					t.Fatal(err)
				}
			}
		}
		if b, err := reader.Next(soon(t)); err == nil {
			for _, e := range b.Events {
				c.take(t, e)
			}
		}
		if !maps.Equal(c.rows, s.rows) {
			t.Fatalf("seed %d: the client has %v, the source %v", seed, c.rows, s.rows)
		}
	}
}

// soon ends at once: what is there is taken, nothing is waited for.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestASlowReaderGetsEachKeyOnceInItsNewestState(t *testing.T) {
	s := newSource(1, 1<<30)
	reader := s.feed.From(0, s.at)
	for range 1000 {
		s.step()
	}
	b, err := reader.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[tables.Key]bool{}
	for i, e := range b.Events {
		if seen[e.Key] {
			t.Errorf("key %x came twice", e.Key)
		}
		seen[e.Key] = true
		if v, has := s.rows[e.Key]; has != (e.New != nil) || has && e.New[0].Int() != v {
			t.Errorf("key %x: %v, want %v %v", e.Key, e.New, v, has)
		}
		if (e.ID != nil) != (i == len(b.Events)-1) {
			t.Errorf("event %d has the id %v: a reader cut off in a merged batch must get it again", i, e.ID)
		}
	}
	if len(seen) == 0 || !b.After.Reaches(s.at) {
		t.Errorf("%d keys, up to %v of %v", len(seen), b.After, s.at)
	}
}

func TestAFeedThatIsTooLargeDropsTheOldest(t *testing.T) {
	s := newSource(2, 20_000)
	lost := s.feed.From(0, s.at)
	begin := s.at.Clone()
	for range 2000 {
		s.step()
	}
	if n := s.feed.Bytes(); n > 20_000 || n < 10_000 {
		t.Errorf("%d bytes are kept", n)
	}
	if _, err := lost.Next(t.Context()); !errors.Is(err, changes.ErrGone) {
		t.Errorf("the reader that was too slow got %v", err)
	}
	if _, err := s.feed.Resume(begin); !errors.Is(err, changes.ErrGone) {
		t.Errorf("the reader that came too late got %v", err)
	}
	if _, err := s.feed.Resume(s.at); err != nil {
		t.Errorf("the reader that has everything got %v", err)
	}
}

func TestEndReachesEveryReader(t *testing.T) {
	s := newSource(3, 1<<20)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			r := s.feed.From(0, tables.Position{})
			for {
				if _, err := r.Next(t.Context()); err != nil {
					if !errors.Is(err, changes.ErrOver) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	for range 100 {
		s.step()
	}
	s.feed.End()
	wg.Wait()
}

func BenchmarkFeed(b *testing.B) {
	for _, readers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(readers, "readers"), func(b *testing.B) {
			s := newSource(4, 32<<20)
			ctx, cancel := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			for range readers {
				wg.Go(func() {
					for r := s.feed.From(0, s.at); ; {
						if _, err := r.Next(ctx); err != nil {
							return
						}
					}
				})
			}
			b.ReportAllocs()
			for b.Loop() {
				s.step()
			}
			cancel()
			wg.Wait()
		})
	}
}
