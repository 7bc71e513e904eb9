package merge

import (
	"runtime"
	"sync"
	"time"

	"github.com/tidemark/tidemark/views/store/mvcc"
)

// largeBase is how many bytes are worth a change of the collector's pace.
const largeBase = 64 << 20

// holdFor bounds how long after a merge the old base counts as being in memory: somebody may be
// reading it for long.
const holdFor = 10 * time.Second

// TwoBases is the time from the beginning of a merge of a large base until the collector has
// taken the old one away.
type TwoBases struct {
	old *mvcc.Base
	end func()
}

// HoldTwoBases begins it. begin is called if the base is large; it returns what is called at the end.
func (m *Merge) HoldTwoBases(begin func() (end func())) *TwoBases {
	t := &TwoBases{old: m.v.Base, end: func() {}}
	if t.old.Bytes() >= largeBase {
		t.end = sync.OnceFunc(begin())
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
