package health

import (
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
)

// recentRecords is how many of the newest records decide whether most are dead letters.
const recentRecords = 64

// newest is what became of the newest records. One goroutine notes them.
type newest struct {
	recent  atomic.Uint64 // those that were to give a row, the newest bit first: 1 for a dead letter
	read    atomic.Int64  // how many there were since the first dead letter
	upserts int64         // that were read

	mu  sync.Mutex
	why string // the newest dead letter is one
}

func (n *newest) row() {
	n.upserts++
	if was := n.recent.Load(); was != 0 {
		n.recent.Store(was << 1)
		n.read.Add(1)
	}
}

// dead notes a dead letter; rows are those that were counted before.
func (n *newest) dead(why string, rows int64) {
	if n.read.Load() == 0 {
		n.read.Store(min(max(n.upserts, rows), recentRecords))
	}
	n.recent.Store(n.recent.Load()<<1 | 1)
	n.read.Add(1)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.why = why
}

// mostlyDead says that most of the newest records are dead letters.
func (n *newest) mostlyDead() (tables.Trouble, bool) {
	of := min(n.read.Load(), recentRecords)
	dead := int64(bits.OnesCount64(n.recent.Load()))
	if dead == 0 || 2*dead <= of {
		return tables.Trouble{}, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return tables.Trouble{
		Reason: tables.DeadLetters,
		Text:   fmt.Sprintf("%d of the newest %d records are dead letters, the last by %s; tidemark check says what to change", dead, of, n.why),
	}, true
}
