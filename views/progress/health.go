package progress

import (
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// Health is what the processors say about how well their partitions are.
type Health struct {
	mu         sync.Mutex
	partitions int32
	reported   map[int32]wire.Health // the newest of each partition
	// honest says that the table could be read once: from then on reads do not mislead.
	honest bool
}

// Reset forgets everything, for a table of so many partitions.
func (h *Health) Reset(partitions int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.partitions, h.reported, h.honest = partitions, map[int32]wire.Health{}, false
}

// Put takes what a processor says about a partition.
func (h *Health) Put(partition int32, reported wire.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reported != nil {
		h.reported[partition] = reported
	}
}

// Sum adds up what the partitions report, for a view that shows the given number of rows.
func (h *Health) Sum(rows int64, reached bool) tables.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out tables.Health
	var read, bestRows, bestDeadLetters int64
	refused := int32(0)
	for p := range h.partitions {
		reported := h.reported[p]
		read += reported.Rows
		bestRows, bestDeadLetters = bestRows+reported.BestRows, bestDeadLetters+reported.BestDeadLetters
		out.DeadLetters += reported.Open()
		out.Skipped += reported.Skipped
		out.Unsettled += reported.Unsettled
		for _, t := range reported.Troubles {
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
	if refused > 0 && refused == h.partitions {
		out.Add(tables.Trouble{Reason: tables.PartitionRefused, Stops: true})
		out.Misleads = true
	}
	sound := bestRows > 0 && bestDeadLetters <= bestRows
	h.judge(&out, read, rows, reached, sound)
	return out
}

// fewLetters are too few to say that the declaration is wrong, and not the records: a
// table of a handful of bad ones is reported as stopped, and does not take the process out
// of traffic.
const fewDeadLetters = 20

// judge says whether reads would mislead: from the start most records, or all, could
// not be read. A table that could be read once, by this view or, as its processors report,
// before it began (sound), is not judged again, whatever comes later.
func (h *Health) judge(out *tables.Health, read, rows int64, reached, sound bool) {
	if h.honest {
		return
	}
	if !sound && out.DeadLetters > max(read, rows) {
		out.Misleads = out.DeadLetters >= fewDeadLetters
		out.Add(tables.Trouble{
			Reason: tables.DeadLetters, Stops: true,
			Text: fmt.Sprintf("of the first records %d are dead letters and %d gave a row; tidemark check says what to change", out.DeadLetters, read),
		})
		return
	}
	h.honest = reached && (sound || read > 0)
}
