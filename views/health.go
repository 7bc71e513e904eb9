package views

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// health is what the processors tell of their partitions, and what the view itself
// has found to be wrong.
type health struct {
	mu         sync.Mutex
	partitions int32
	told       map[int32]wire.Health // the newest of each partition
	own        map[tables.Reason]tables.Trouble
	// honest says that the table could be read once: from then on reads do not mislead.
	honest bool
}

func (h *health) reset(partitions int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.partitions, h.told, h.honest = partitions, map[int32]wire.Health{}, false
}

// tell says that something is wrong with the view, until cleared.
func (h *health) tell(t tables.Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.own == nil {
		h.own = map[tables.Reason]tables.Trouble{}
	}
	h.own[t.Reason] = t
}

// clear says that something is no longer wrong.
func (h *health) clear(r tables.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.own, r)
}

// takeHealth keeps what a processor tells of a partition. Older processors tell nothing.
func (v *View) takeHealth(partition int32, header []byte) {
	if header == nil {
		return
	}
	told, err := wire.ParseHealth(header)
	if err != nil {
		v.leaveOut("health of a partition", "partition", partition, "error", err)
		return
	}
	v.health.put(partition, told)
}

func (h *health) put(partition int32, told wire.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told != nil {
		h.told[partition] = told
	}
}

// Health is how well the table is, by what its processors tell and what the view sees.
func (v *View) Health() tables.Health {
	out := v.health.sum(v.Snapshot().Rows(), v.state.reached.Load())
	if n := int64(v.homes().unsettled()); n > 0 {
		out.Unsettled += n
		out.Add(tables.Trouble{
			Reason: tables.UnsettledKeys,
			Text: fmt.Sprintf("%d keys have changes in several partitions, of which neither the database's log nor a clock tells the later one; "+
				"the one that came last is served", n),
		})
	}
	switch err := v.state.refused(); {
	case errors.Is(err, kafka.ErrNoSource):
		out.Add(tables.Trouble{Reason: tables.SourceMissing, Text: err.Error(), Stops: true})
	case err != nil:
		out.Add(tables.Trouble{Reason: tables.SourceRecreated, Text: err.Error(), Stops: true})
	case !v.Ready():
		out.Add(tables.Trouble{Reason: tables.Building, Text: v.Status().Note})
	}
	return out
}

// sum adds up what the partitions tell, for a view that shows so many rows.
func (h *health) sum(rows int64, reached bool) tables.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out tables.Health
	var read, bestRows, bestLetters int64
	refused := int32(0)
	for p := range h.partitions {
		told := h.told[p]
		read += told.Rows
		bestRows, bestLetters = bestRows+told.BestRows, bestLetters+told.BestLetters
		out.DeadLetters += told.Open()
		out.Skipped += told.Skipped
		out.Unsettled += told.Unsettled
		for _, t := range told.Troubles {
			if t.Reason == tables.SchemaDrift { // the table's, not the partition's
				out.Merge(t)
				continue
			}
			if t.Reason == tables.PartitionRefused {
				refused++
			}
			if h.partitions > 1 { // one partition does not stop the table
				t.Text, t.Stops = fmt.Sprintf("partition %d: %s", p, t.Text), false
			}
			out.Add(t)
		}
	}
	for _, r := range tables.Reasons() {
		if t, there := h.own[r]; there {
			out.Add(t)
		}
	}
	if refused > 0 && refused == h.partitions {
		out.Add(tables.Trouble{Reason: tables.PartitionRefused, Stops: true})
		out.Misleads = true
	}
	sound := bestRows > 0 && bestLetters <= bestRows
	h.judge(&out, read, rows, reached, sound)
	return out
}

// fewLetters are too few to tell that the declaration is wrong, and not the records: a
// table of a handful of bad ones is told as stopped, and does not take the process out
// of traffic.
const fewLetters = 20

// judge says whether reads would mislead: from the start most records, or all, could
// not be read. A table that could be read once, by this view or, as its processors tell,
// before it began (sound), is not judged again, whatever comes later.
func (h *health) judge(out *tables.Health, read, rows int64, reached, sound bool) {
	if h.honest {
		return
	}
	if !sound && out.DeadLetters > max(read, rows) {
		out.Misleads = out.DeadLetters >= fewLetters
		out.Add(tables.Trouble{
			Reason: tables.DeadLetters, Stops: true,
			Text: fmt.Sprintf("of the first records %d are dead letters and %d gave a row; tidemark check says what to change", out.DeadLetters, read),
		})
		return
	}
	h.honest = reached && (sound || read > 0)
}
