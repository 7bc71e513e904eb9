package changes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
)

const partitions = 3

// source is a table that changes at random, and its feed.
type source struct {
	r        *rand.Rand
	feed     *changes.Feed
	rows     map[tables.Key]int64
	at       tables.Position
	reported tables.Position // of the last group with changes
	version  uint64
	whole    bool // no change has an offset of its own, and the position does not always move
	late     bool // some changes have an offset that was passed before, as what a truncate removes does
}

// values are so many, so that filters keep some rows.
const values = 12

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
		if !s.whole && !s.late || s.r.IntN(2) == 0 {
			s.at[p] += int64(1 + s.r.IntN(2))
		}
		for range 1 + s.r.IntN(8)/7*3 {
			k := tables.EncodeKey(tables.Int64Value(int64(s.r.IntN(30))))
			if used[k] {
				continue
			}
			used[k] = true
			c := changes.Change{Key: k, Partition: p, Next: s.at[p]}
			switch {
			case s.whole:
				c.Next = 0
			case s.late && s.r.IntN(4) == 0:
				c.Next = max(0, c.Next-s.r.Int64N(3))
			}
			if v, has := s.rows[k]; has {
				c.Old = value(v)
			}
			if s.r.IntN(3) == 0 {
				delete(s.rows, k)
			} else {
				s.rows[k] = s.r.Int64N(values)
				c.New = value(s.rows[k])
			}
			if !changes.Equal(c.Old, c.New) {
				g.Changes = append(g.Changes, c)
			}
		}
	}
	g.After = s.at.Clone()
	if len(g.Changes) > 0 {
		s.reported = g.After
	}
	s.feed.Append(g)
}

// client has what the events that it took say, and where it would resume.
type client struct {
	filter query.Expr
	rows   map[tables.Key]int64
	id     tables.Position
	reader *changes.Reader
	cut    bool // off, now and then
	resets int
}

// filters are a random choice of what is found by values, and what is not.
func filter(r *rand.Rand) query.Expr {
	eq := func() query.Expr { return query.Compare{Value: tables.Int64Value(r.Int64N(values))} }
	switch r.IntN(5) {
	case 0:
		return nil
	case 1:
		return eq()
	case 2:
		return query.Or{eq(), eq(), eq()}
	case 3:
		return query.In{Values: []tables.Value{tables.Int64Value(3), tables.Int64Value(3), tables.Int64Value(r.Int64N(values))}}
	}
	return query.Compare{Op: query.Lt, Value: tables.Int64Value(r.Int64N(values))}
}

// of returns the rows that a filter keeps.
func (s *source) of(filter query.Expr) map[tables.Key]int64 {
	out := map[tables.Key]int64{}
	for k, v := range s.rows {
		if query.Match(filter, value(v)) {
			out[k] = v
		}
	}
	return out
}

// take applies events and fails when one does not fit what the client has.
func (c *client) take(t *testing.T, e changes.Event) {
	t.Helper()
	v, has := c.rows[e.Key]
	if has != e.Was || has && v != e.Old[0].Int() {
		t.Fatalf("key %x: the event is from %v (%v), the client has %v %v", e.Key, e.Old, e.Was, v, has)
	}
	if !e.Was && !e.Is {
		t.Fatalf("key %x: an event about nothing", e.Key)
	}
	delete(c.rows, e.Key)
	if e.Is {
		c.rows[e.Key] = e.New[0].Int()
	}
}

// A client that is cut off after any event and comes back with the last id that it
// got ends with exactly the rows of the source that its filter keeps, and every event
// fits what it has.
func TestResumingAnywhereLosesAndRepeatsNothing(t *testing.T) {
	for seed := range uint64(600) {
		s := newSource(seed, 1<<30)
		s.whole, s.late = seed%4 == 3, seed%4 == 2
		for range 5 {
			s.step()
		}
		c := &client{filter: filter(s.r)}
		c.start(s)
		for range 60 {
			for range 1 + s.r.IntN(4) {
				s.step()
			}
			c.round(t, s)
		}
		c.cut = false
		c.round(t, s)
		if want := s.of(c.filter); !maps.Equal(c.rows, want) {
			t.Fatalf("seed %d: the client has %v, the source %v", seed, c.rows, want)
		}
		if c.resets > 0 && !s.whole && !s.late {
			t.Fatalf("seed %d: %d resets", seed, c.resets)
		}
		c.reader.Close()
	}
}

// start gives the client the rows that there are.
func (c *client) start(s *source) {
	c.id, c.rows, c.cut = s.at.Clone(), s.of(c.filter), true
	c.reader = s.feed.From(s.version, c.id, query.Compile(c.filter))
}

// round takes what is there, is cut off in its midst perhaps, and comes back then.
func (c *client) round(t *testing.T, s *source) {
	t.Helper()
	b, err := c.reader.Next(soon(t))
	if errors.Is(err, changes.ErrGone) && (s.whole || s.late) {
		c.over(s)
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		b, err = changes.Batch{After: c.reader.Place()}, nil // as for a client whose filter nothing matches
	}
	if err != nil {
		t.Fatal(err)
	}
	cut := len(b.Events)
	if c.cut && s.r.IntN(2) == 0 {
		cut = s.r.IntN(len(b.Events) + 1)
	}
	if len(b.Events) == 0 {
		c.id = b.After
	}
	before := maps.Clone(c.rows) // at c.id
	for _, e := range b.Events[:cut] {
		c.take(t, e)
		if e.ID != nil {
			c.id, before = e.ID, maps.Clone(c.rows)
		}
	}
	if cut < len(b.Events) || c.cut && len(b.Events) == 0 {
		c.rows = before // what came after the last id is sent again
		c.reader.Close()
		if c.reader, err = s.feed.Resume(c.id, query.Compile(c.filter)); err != nil {
			t.Fatal(err)
		}
	}
}

// over starts over: by a position that has stood still nobody can say what was taken.
func (c *client) over(s *source) {
	c.resets++
	c.reader.Close()
	c.start(s)
}

// soon ends at once: what is there is taken, nothing is waited for.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestASlowReaderGetsEachKeyOnceInItsNewestState(t *testing.T) {
	s := newSource(1, 1<<30)
	reader := s.feed.From(0, s.at.Clone(), nil)
	defer reader.Close()
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
	lost := s.feed.From(0, s.at.Clone(), nil)
	defer lost.Close()
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
	if _, err := s.feed.Resume(begin, nil); !errors.Is(err, changes.ErrGone) {
		t.Errorf("the reader that came too late got %v", err)
	}
	all, err := s.feed.Resume(s.at, nil)
	if err != nil {
		t.Fatalf("the reader that has everything got %v", err)
	}
	all.Close()
}

func TestEndReachesEveryReader(t *testing.T) {
	s := newSource(3, 1<<20)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			r := s.feed.From(0, tables.Position{}, nil)
			defer r.Close()
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
					r := s.feed.From(0, tables.Position{}, nil)
					defer r.Close()
					for {
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

// A reader that finds, when the feed has ended, groups that are not for it hears of the end.
func TestEndBehindGroupsThatConcernNobody(t *testing.T) {
	s := newSource(9, 1<<30)
	r := s.feed.From(s.version, s.at.Clone(), query.Compile(query.Compare{Value: tables.Int64Value(values)}))
	defer r.Close()
	if _, some, err := r.Take(); some || err != nil {
		t.Fatal(some, err)
	}
	for range 20 {
		s.step()
	}
	s.feed.End()
	for over := false; !over; {
		select {
		case <-r.Woken():
		default:
			t.Fatal("the reader waits for ever")
		}
		_, some, err := r.Take()
		if over = errors.Is(err, changes.ErrOver); some || err != nil && !over {
			t.Fatal(some, err)
		}
	}
}

// Readers with filters, each in a goroutine of its own, have the rows in the end.
func TestManyReadersWithFiltersHaveTheRows(t *testing.T) {
	s := newSource(9, 1<<30)
	var all sync.WaitGroup
	clients := make([]*client, 60)
	for i := range clients {
		c := &client{filter: filter(s.r)}
		c.start(s)
		clients[i] = c
		all.Go(func() {
			defer c.reader.Close()
			for {
				b, err := c.reader.Next(t.Context())
				if errors.Is(err, changes.ErrOver) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range b.Events {
					c.take(t, e)
				}
			}
		})
	}
	for range 4000 {
		s.step()
		if s.r.IntN(20) == 0 {
			runtime.Gosched()
		}
	}
	s.feed.End()
	all.Wait()
	for i, c := range clients {
		if want := s.of(c.filter); !maps.Equal(c.rows, want) {
			t.Errorf("client %d, %#v: it has %v, the source %v", i, c.filter, c.rows, want)
		}
	}
}

// Who hears nothing is not gone when the feed has dropped what it never took, and gets
// its place often enough to find it there when it comes back.
func TestWhoHearsNothingKeepsItsPlace(t *testing.T) {
	s := newSource(9, 50_000)
	nothing := query.Compile(query.Compare{Value: tables.Int64Value(values)})
	deaf := s.feed.From(s.version, s.at.Clone(), nothing)
	reported := 0
	if _, _, err := deaf.Take(); err != nil { // everything up to now
		t.Fatal(err)
	}
	for range 2000 {
		s.step()
		until(t, func() bool { return deaf.Place().Reaches(s.reported) }) // the dispatcher has looked at it
		for {
			b, some, err := deaf.Take()
			if err != nil || len(b.Events) > 0 {
				t.Fatalf("who wants nothing got %v, %v", b, err)
			}
			if !some {
				break
			}
			reported++
			deaf.Close()
			if deaf, err = s.feed.Resume(b.After, nothing); err != nil {
				t.Fatalf("%d: %v is gone: %v", reported, b.After, err)
			}
		}
	}
	deaf.Close()
	if _, err := s.feed.Resume(make(tables.Position, partitions), nil); !errors.Is(err, changes.ErrGone) {
		t.Fatalf("the feed still has everything: %v", err)
	}
	if reported < 10 {
		t.Errorf("a reader that nothing matches got its place %d times", reported)
	}
}

func until(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it took too long")
		}
	}
}
