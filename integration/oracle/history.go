package oracle

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// The sizes of the large column, for tables that hold rows of up to 64 KiB.
const (
	belowLimit = 12 << 10
	aboveLimit = 70 << 10
)

// Options say which history is made.
type Options struct {
	Seed       uint64
	Partitions int32
	Keys       int64
	// Home is the partition of a key's bytes. Nil: records are anywhere.
	Home func(key []byte) int32
	// Start is when it begins, by the database's clock, milliseconds.
	Start int64
}

// History is a database's table and the connector that follows it.
type History struct {
	o       Options
	dice    *rand.Rand
	flavour flavour
	rows    map[int64]Row             // as the database has them
	homes   map[int64]map[int32]bool  // where records of a key have been written
	unknown map[int64]bool            // rows whose last record could not be used: nobody has their values
	bytes   func(h *History) keyBytes // how the next key is written
	current keyBytes
	shape   shape

	epoch  int
	at     uint64
	clock  int64 // the database's, milliseconds
	logged int64 // Kafka's
	n      int
}

// New begins a history.
func New(o Options) *History {
	h := &History{
		o: o, dice: rand.New(rand.NewPCG(o.Seed, 11)), rows: map[int64]Row{}, homes: map[int64]map[int32]bool{},
		unknown: map[int64]bool{}, epoch: 1, at: 1000, clock: o.Start, logged: o.Start + 50,
	}
	h.flavour = flavours[h.dice.IntN(len(flavours))]
	h.bytes = func(h *History) keyBytes { return h.current }
	if h.dice.IntN(3) == 0 { // several producers, each with a converter of its own
		h.bytes = func(h *History) keyBytes { return keyBytes(h.dice.IntN(int(keyForms))) }
	}
	return h
}

// Name says what kind of log the history is of.
func (h *History) Name() string { return h.flavour.name }

// Turn is what happens to the database or its connector now and then.
func (h *History) Turn() string {
	switch h.dice.IntN(4) {
	case 0:
		h.epoch++
		h.at = 1000 + h.dice.Uint64N(500) // the other server's log begins anywhere
		h.clock = (h.clock/1000 + 1) * 1000
		h.logged = max(h.logged, h.clock) + 1
		return "another server"
	case 1:
		h.current = keyBytes(h.dice.IntN(int(keyForms)))
		return "keys are written " + h.current.String()
	case 2:
		h.shape = shape(h.dice.IntN(int(shapes)))
		return "rows have " + h.shape.String()
	}
	return "nothing"
}

// Changes makes the records of n changes of rows.
func (h *History) Changes(n int) []*Event {
	var out []*Event
	for range n {
		out = append(out, h.change()...)
	}
	return out
}

// Undone makes records that nobody must ever see: those of a transaction that is aborted.
// The connector sends what the database has done again, from where it was.
func (h *History) Undone(n int) []*Event {
	rows, unknown, homes, at := maps.Clone(h.rows), maps.Clone(h.unknown), map[int64]map[int32]bool{}, h.at
	for id, all := range h.homes {
		homes[id] = maps.Clone(all)
	}
	out := h.Changes(n)
	h.rows, h.unknown, h.homes, h.at = rows, unknown, homes, at
	return out
}

// Snapshot makes the records of a connector that reads the table anew.
func (h *History) Snapshot() []*Event {
	var out []*Event
	h.clock = (h.clock/1000 + 1) * 1000
	for _, id := range slices.Sorted(maps.Keys(h.rows)) {
		row := h.rows[id]
		if h.shape == noAmount {
			row.HasAmount, row.Amount = false, 0
		}
		e := h.event(id)
		e.Place.Snapshot = true
		h.write(e, "r", row, false)
		out = append(out, e)
	}
	h.clock = (h.clock/1000 + 1) * 1000
	return out
}

// Marks makes a record for each partition, of a key of its own: what is before them is
// done when they are.
func (h *History) Marks() []*Event {
	var out []*Event
	for p := range h.o.Partitions {
		for id := int64(1_000_000) + int64(p)*10_000; ; id++ {
			if h.homes[id] != nil {
				continue
			}
			e := h.event(id)
			if h.o.Home != nil && e.Partition != p {
				delete(h.homes, id)
				continue
			}
			e.Partition, h.homes[id] = p, map[int32]bool{p: true}
			h.write(e, "c", h.row(), false)
			out = append(out, e)
			break
		}
	}
	return out
}

func (h *History) change() []*Event {
	id := h.dice.Int64N(h.o.Keys)
	old, there := h.rows[id]
	e, row := h.event(id), h.row()
	switch roll := h.dice.IntN(100); {
	case roll < 22:
		delete(h.rows, id)
		delete(h.unknown, id)
		return h.remove(e)
	case roll < 25:
		e.Kind, e.Value = Unusable, []byte("this is no event")
		return []*Event{e}
	case roll < 40 && there && len(h.homes[id]) == 1 && !h.unknown[id]:
		row.Big = old.Big
		h.write(e, "u", row, true)
		return []*Event{e}
	case roll < 45:
		row.Big = strings.Repeat("x", aboveLimit+h.dice.IntN(20<<10))
	case roll < 52:
		row.Big = strings.Repeat("y", belowLimit+h.dice.IntN(belowLimit/2))
	}
	h.write(e, "u", row, false)
	return []*Event{e}
}
