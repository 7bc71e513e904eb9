package merge

import (
	"math"
	"runtime"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/store/mvcc"
)

const (
	// largeBase is how many bytes are worth a change of the collector's pace.
	largeBase = 64 << 20
	// leanPercent is by how much the heap grows until garbage is collected, while two large
	// bases are in memory.
	leanPercent = 5
)

// gcPacing makes the collector go faster while merges of large bases are under way. At Go's
// usual pace, which lets the heap double, what readers and the writer throw away meanwhile
// would come on top of both bases. Columns have no pointers, so that a collection takes a
// few milliseconds, whatever the table's size.
type gcPacing struct {
	mu     sync.Mutex
	merges int
	usual  int // the pace before the first of them
}

// pace is the process's, as the collector is: merges of several stores share it.
var pace gcPacing

func (r *gcPacing) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.merges++; r.merges > 1 {
		return
	}
	if r.usual = gcPercent(); r.usual > leanPercent {
		debug.SetGCPercent(leanPercent)
	}
}

// gcPercent is the collector's pace. It is -1 where it is turned off, as by those who give a
// limit of memory instead: that is not changed.
func gcPercent() int {
	pace := []runtimemetrics.Sample{{Name: "/gc/gogc:percent"}}
	runtimemetrics.Read(pace)
	if pace[0].Value.Kind() != runtimemetrics.KindUint64 || pace[0].Value.Uint64() > math.MaxInt32 {
		return -1
	}
	return int(pace[0].Value.Uint64())
}

func (r *gcPacing) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.merges--; r.merges == 0 && r.usual > leanPercent {
		debug.SetGCPercent(r.usual)
	}
}

// holdFor bounds how long after a merge the collector goes faster: somebody may be reading
// the old base for long.
const holdFor = 10 * time.Second

// TwoBases is the time from the beginning of a merge of a large base until the collector has
// taken the old one away.
type TwoBases struct {
	old *mvcc.Base
	end func()
}

// PaceCollector begins it.
func (m *Merge) PaceCollector() *TwoBases {
	t := &TwoBases{old: m.v.Base, end: func() {}}
	if t.old.Bytes() >= largeBase {
		pace.begin()
		t.end = sync.OnceFunc(pace.end)
	}
	return t
}

// Failed ends it when there is no new base. After swapped it does nothing.
func (t *TwoBases) Failed() { t.end() }

// Swapped says that the old base is garbage as soon as its last reader is gone. What it has
// done in the background is given to background.
func (t *TwoBases) Swapped(background func(func())) {
	if t.old.Bytes() < largeBase {
		return
	}
	end := t.end
	runtime.AddCleanup(t.old, func(end func()) { end() }, end)
	time.AfterFunc(holdFor, end)
	t.old, t.end = nil, func() {}
	background(runtime.GC) // a store at rest makes no garbage that would have it collected
}
