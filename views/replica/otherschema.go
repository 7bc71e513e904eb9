package replica

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tidemark/tidemark/tables"
)

// foreignKept bounds the memory for keys of rows with other columns.
const foreignKept = 100_000

// OtherSchema are the keys whose newest row was written with other columns than
// the table has now. Such a row is not shown: the answer would mix two tables.
// While there are any the view is not ready.
type OtherSchema struct {
	mu   sync.Mutex
	keys map[tables.Key]struct{}
	many bool // more than are kept: the number is no longer known
	n    atomic.Int64
}

func NewOtherSchema() *OtherSchema { return &OtherSchema{keys: map[tables.Key]struct{}{}} }

// note follows a record. One that has the table's columns makes its key known again.
func (f *OtherSchema) note(it *item) {
	if !it.foreign && f.n.Load() == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.publish()
	switch {
	case !it.foreign:
		delete(f.keys, it.key)
	case len(f.keys) < foreignKept:
		f.keys[it.key] = struct{}{}
	default:
		f.many = true
	}
}

// Reset forgets all keys.
func (f *OtherSchema) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.keys)
	f.many = false
	f.publish()
}

func (f *OtherSchema) publish() {
	n := len(f.keys)
	if f.many {
		n = max(n, 1)
	}
	f.n.Store(int64(n))
}

// Count returns how many there are, at least.
func (f *OtherSchema) Count() int64 { return f.n.Load() }

// note says what is wrong, empty when nothing is.
func (f *OtherSchema) Note() string {
	n := f.Count()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d rows in the changelog were written with other columns than the table has now: "+
		"build the table anew by tidemark replay", n)
}
