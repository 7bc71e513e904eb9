package feed

import "sync/atomic"

// Gate keeps the source from being read behind a record that waits for other partitions. The
// feeder closes it; what is done opens it.
type Gate struct {
	at      atomic.Int64  // the record's offset, or noHold
	changed chan struct{} // signalled when it opens, and when there is something else to look at
}

// noHold is the hold of a run that reads on.
const noHold int64 = -1

func NewGate() *Gate {
	g := &Gate{changed: make(chan struct{}, 1)}
	g.at.Store(noHold)
	return g
}

// hold closes the gate behind the record at a source offset.
func (g *Gate) hold(offset int64) { g.at.Store(offset) }

// held is the source offset of the record behind which the gate is closed, or noHold.
func (g *Gate) held() int64 { return g.at.Load() }

// Open reports whether the source may be read on.
func (g *Gate) Open() bool { return g.at.Load() == noHold }

// Release opens the gate, if it is closed behind that record: it is done.
func (g *Gate) Release(offset int64) {
	if g.at.CompareAndSwap(offset, noHold) {
		g.Look()
	}
}

// Look has the feeder check what else has changed.
func (g *Gate) Look() {
	select {
	case g.changed <- struct{}{}:
	default: // it has been signalled already
	}
}
