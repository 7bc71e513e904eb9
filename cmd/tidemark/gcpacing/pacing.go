package gcpacing

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// leanPercent is by how much the heap grows until garbage is collected, while two large
// bases are in memory.
const leanPercent = 5

// Pacing makes the collector go faster while merges of large bases are under way. At Go's
// usual pace, which lets the heap double, what readers and the writer throw away meanwhile
// would come on top of both bases. Columns have no pointers, so that a collection takes a
// few milliseconds, whatever the table's size.
//
// A process has one, which all of its stores share. The zero value is ready for use.
type Pacing struct {
	mu     sync.Mutex
	merges int
	usual  int // the pace before the first of them
}

// Begin makes the collector go faster until end is called, once.
func (p *Pacing) Begin() (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.merges++; p.merges == 1 {
		if p.usual = percent(); p.usual > leanPercent {
			debug.SetGCPercent(leanPercent)
		}
	}
	return p.end
}

func (p *Pacing) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.merges--; p.merges == 0 && p.usual > leanPercent {
		debug.SetGCPercent(p.usual)
	}
}

// percent is the collector's pace. It is -1 where it is turned off, as by those who give a
// limit of memory instead: that is not changed.
func percent() int {
	pace := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(pace)
	if pace[0].Value.Kind() != metrics.KindUint64 || pace[0].Value.Uint64() > math.MaxInt32 {
		return -1
	}
	return int(pace[0].Value.Uint64())
}
