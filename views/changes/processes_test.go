package changes_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
)

// event is what a record of the source does: a key gets a value, or goes with -1.
type event struct {
	partition int32
	next      int64
	key       tables.Key
	value     int64
}

// process shows the events of one source in groups of its own.
type process struct {
	feed    *changes.Feed
	events  []event // that are still to come
	rows    map[tables.Key]int64
	at      tables.Position
	version uint64
	whole   bool
}

// show makes so many events visible at once.
func (p *process) show(n int) {
	group := p.events[:n]
	p.events, p.version = p.events[n:], p.version+1
	g := changes.Group{Version: p.version}
	for _, e := range group {
		c := changes.Change{Key: e.key, Partition: e.partition, Next: e.next}
		if p.whole {
			c.Next = 0
		}
		if v, had := p.rows[e.key]; had {
			c.Old = value(v)
		}
		p.at = p.at.Clone().Set(e.partition, e.next)
		if p.rows[e.key] = e.value; e.value < 0 {
			delete(p.rows, e.key)
		} else {
			c.New = value(e.value)
		}
		if !changes.Equal(c.Old, c.New) {
			g.Changes = append(g.Changes, c)
		}
	}
	g.After = p.at
	p.feed.Append(g)
}

// A client that is cut off and comes back to another process, which has made groups of its
// own of the same events, gets exactly what it lacks. It starts over only where changes have
// no offsets of their own.
func TestComingBackToAnotherProcess(t *testing.T) {
	resumed, resets := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 71))
		whole, before := seed%3 == 2, resets
		processes := twoProcesses(r, whole)
		c := &client{filter: filter(r)}
		over := func(p *process) {
			c.id, c.rows = p.at, (&source{rows: p.rows}).of(c.filter)
			c.reader = p.feed.From(p.version, c.id, query.Compile(c.filter))
		}
		at := processes[0]
		over(at)
		for round := range 80 {
			for _, p := range processes {
				for range r.IntN(3) {
					p.show(min(r.IntN(6), len(p.events)))
				}
				if round == 79 {
					p.show(len(p.events))
				}
			}
			b, _, err := c.reader.Take()
			if errors.Is(err, changes.ErrGone) {
				resets++
				c.reader.Close()
				over(at)
			} else if err != nil {
				t.Fatal(err)
			} else {
				c.some(t, b, r.IntN(len(b.Events)+1))
			}
			c.reader.Close()
			p := processes[r.IntN(2)]
			for !whole && !p.feed.Reached().Reaches(c.id) {
				p.show(1 + r.IntN(min(6, len(p.events)))) // who is ahead waits
			}
			c.reader, err = p.feed.Resume(c.id, query.Compile(c.filter))
			if resumed++; errors.Is(err, changes.ErrGone) {
				resets++
				over(p)
			} else if err != nil {
				t.Fatal(err)
			}
			at = p
		}
		if b, _, err := c.reader.Take(); errors.Is(err, changes.ErrGone) {
			over(at)
		} else {
			c.some(t, b, len(b.Events))
		}
		c.reader.Close()
		if !whole && resets > before {
			t.Fatalf("seed %d: %d resets", seed, resets-before)
		}
		if want := (&source{rows: processes[0].rows}).of(c.filter); !maps.Equal(c.rows, want) {
			t.Fatalf("seed %d: the client has %v, the source %v", seed, c.rows, want)
		}
	}
	if resets*2 > resumed || resets == 0 {
		t.Errorf("%d resets of %d", resets, resumed)
	}
}

// twoProcesses have the same events to come.
func twoProcesses(r *rand.Rand, whole bool) []*process {
	var events []event
	at := make(tables.Position, partitions)
	for range 300 {
		id := r.Int64N(12)
		p := int32(id % partitions)
		at[p] += 1 + r.Int64N(2)
		events = append(events, event{p, at[p], tables.EncodeKey(tables.Int64Value(id)), r.Int64N(values+4) - 4})
	}
	for i := range events {
		events[i].value = max(events[i].value, -1)
	}
	var out []*process
	for range 2 {
		begin := make(tables.Position, partitions)
		out = append(out, &process{feed: changes.New(begin, 1<<30), events: events, rows: map[tables.Key]int64{}, at: begin, whole: whole})
	}
	return out
}

// some takes events up to one, and keeps what it has for sure.
func (c *client) some(t *testing.T, b changes.Batch, cut int) {
	t.Helper()
	before := maps.Clone(c.rows)
	for _, e := range b.Events[:cut] {
		c.take(t, e)
		if e.ID != nil {
			c.id, before = e.ID, maps.Clone(c.rows)
		}
	}
	if len(b.Events) == 0 {
		c.id = b.After
	}
	c.rows = before
}
