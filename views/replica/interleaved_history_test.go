package replica

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/topics"
)

const interleavedPartitions = 3

var interleavedKey = tables.EncodeKey(tables.Int64Value(1))

// interleaved is what processors make of one key whose changes come in any partition: each
// partition's part of the changelog, and the records of the snapshot topic up to a batch.
type interleaved struct {
	dice  *rand.Rand
	log   [interleavedPartitions][]item
	snaps [interleavedPartitions][]topics.Record
	cut   tables.Position // of the newest batch, nil where there is none
	cutAt tables.Position // of the source
	want  string          // the text of the row in the end, empty where there is none
	steps []string        // what was done, for who reads of a failure

	parts  [interleavedPartitions][]*changed // what is still to be processed
	has    [interleavedPartitions]changed
	newest changed // of what was processed
}

// changed is a change of the key, and what its partition has of the key since.
type changed struct {
	partition int32
	at        uint64 // its place in the source's log
	source    int64  // its offset in the source topic
	row       []byte // the state row, nil for a deletion
	text      string // of a row that is not hidden
	deletion  []byte // what the tombstone says
	dirty     bool   // no batch has it
}

func (c *changed) log() tables.SourcePosition {
	return tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: 7, Minor: c.at}
}

func newInterleaved(seed uint64) *interleaved {
	h := &interleaved{dice: rand.New(rand.NewPCG(seed, 1))}
	var sources [interleavedPartitions]int64
	for at := range uint64(3 + h.dice.IntN(9)) {
		c := &changed{partition: h.dice.Int32N(interleavedPartitions), at: 100 + at}
		c.source = sources[c.partition]
		sources[c.partition]++
		h.fill(c)
		h.parts[c.partition], h.want = append(h.parts[c.partition], c), c.text
	}
	for p := range merged(h.dice, len(h.parts[0]), len(h.parts[1]), len(h.parts[2])) {
		h.process(p)
	}
	h.giveUp(1)
	return h
}

// fill makes a change a row, a hidden one, or a deletion.
func (h *interleaved) fill(c *changed) {
	switch h.dice.IntN(6) {
	case 0, 1:
		c.deletion = wire.AppendDeletion(nil, &wire.Deletion{Read: 1, Time: 1, Source: c.log(), Logged: 2})
		return
	case 2:
	default:
		c.text = fmt.Sprint("v", c.at)
	}
	c.row = c.stateRow()
}

// stateRow is the row of a change, hidden where it has no text.
func (c *changed) stateRow() []byte {
	return wire.AppendStateRow(nil, 0, &tables.Row{
		Values: []tables.Value{tables.Int64Value(1), tables.StringValue(c.text)},
		Offset: c.source, Time: 1, Logged: 2, Source: c.log(), Hidden: c.text == "",
	})
}

func (h *interleaved) say(format string, args ...any) {
	h.steps = append(h.steps, fmt.Sprintf(format, args...))
}

// process writes a partition's next change to the changelog, and what may follow it.
func (h *interleaved) process(p int) {
	c := h.parts[p][0]
	h.parts[p] = h.parts[p][1:]
	h.say("change %d in %d: row %v %q", c.at, p, c.row != nil, c.text)
	h.write(int32(p), c.item())
	if c.dirty = true; c.at >= h.newest.at {
		h.newest = *c
	}
	h.has[p] = *c
	h.giveUp(3)
	if h.dice.IntN(6) == 0 {
		h.repeat()
	}
	if h.dice.IntN(6) == 0 {
		h.batch()
	}
}

// item is what the changelog says of a change.
func (c *changed) item() item {
	it := item{source: c.source, state: c.row, deletion: c.deletion}
	if c.text != "" {
		it.row, it.values = c.row, []tables.Value{tables.Int64Value(1), tables.StringValue(c.text)}
	}
	return it
}

// repeat has a partition write its last change once more, as a processor does that does not
// know for sure what it had written.
func (h *interleaved) repeat() {
	p := h.dice.IntN(len(h.has))
	c := &h.has[p]
	if c.at == 0 || c.text == "" && wire.IsGivenUp(c.deletion) {
		return
	}
	h.say("change %d in %d once more", c.at, p)
	it := c.item()
	it.whole = c.source + 1
	h.write(int32(p), it)
}

func (h *interleaved) write(p int32, it item) {
	it.partition, it.offset, it.key = p, int64(len(h.log[p])), interleavedKey
	h.log[p] = append(h.log[p], it)
}

// giveUp has partitions give their row up, one in so many of those that are behind.
func (h *interleaved) giveUp(oneIn int) {
	for p := range h.has {
		c := &h.has[p]
		if c.row == nil || c.partition == h.newest.partition || h.dice.IntN(oneIn) != 0 {
			continue
		}
		h.say("given up in %d", p)
		h.write(int32(p), item{source: c.source, deletion: wire.AppendDeletion(nil, &wire.Deletion{
			Read: 1, Time: 1, Logged: 2, SourcePartition: h.newest.partition + 1, GivenUp: true, Source: h.newest.log(),
		})})
		c.row, c.text, c.deletion, c.dirty = nil, "", wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}), true
	}
}

// batch writes what partitions have to the snapshot topic.
func (h *interleaved) batch() {
	h.cut, h.cutAt = nil, nil
	for p := range h.has {
		c := &h.has[p]
		if c.dirty {
			rec := topics.Record{Partition: int32(p), Key: []byte(interleavedKey), Deletion: c.deletion}
			switch {
			case c.text != "":
				rec.Value = wire.AppendSnapshotRecord(nil, 1, c.row)
			case c.row != nil:
				rec.Deletion = wire.AppendDeletion(nil, &wire.Deletion{Time: 1, Source: c.log(), Logged: 2, Hidden: true})
			}
			h.snaps[p] = append(h.snaps[p], rec)
			c.dirty = false
		}
		h.cut, h.cutAt = h.cut.Set(int32(p), int64(len(h.log[p]))), h.cutAt.Set(int32(p), c.source+1)
	}
	h.say("batch at %v", h.cut)
}

// merged yields each number as often as its count says, in any order, some at a time.
func merged(dice *rand.Rand, counts ...int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for {
			var left []int
			for i, n := range counts {
				if n > 0 {
					left = append(left, i)
				}
			}
			if len(left) == 0 {
				return
			}
			i := left[dice.IntN(len(left))]
			for n := 1 + dice.IntN(4); n > 0 && counts[i] > 0; n-- {
				if counts[i]--; !yield(i) {
					return
				}
			}
		}
	}
}
