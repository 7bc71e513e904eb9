package live

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// provenance holds the header values that many answers share, so that they are made once.
type provenance struct {
	newest atomic.Pointer[origin]
	fresh  atomic.Pointer[freshness]
}

// origin is what a snapshot says in the headers.
type origin struct {
	of              tables.Position
	number          uint64
	batch, position []string
}

// freshness is the freshness of a position, which is kept for a millisecond, its unit.
type freshness struct {
	at    time.Time
	of    tables.Position
	value []string
}

func (p *provenance) get(snap *store.Snapshot, pos tables.Position) *origin {
	batch := snap.Batch()
	if st := p.newest.Load(); st != nil && st.number == batch && SamePosition(st.of, pos) {
		return st
	}
	st := &origin{of: pos, number: batch, batch: []string{strconv.FormatUint(batch, 10)}, position: []string{pos.String()}}
	p.newest.Store(st)
	return st
}

// SamePosition reports whether two positions are one: snapshots never change
// theirs, so one place in memory means one text.
func SamePosition(a, b tables.Position) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// SetHeaders writes what an answer is made of into its headers.
func (t *Served) SetHeaders(h http.Header, snap *store.Snapshot, now time.Time) {
	pos := t.Progress.Position(snap)
	st := t.provenance.get(snap, pos)
	h["Tidemark-Batch"] = st.batch
	h["Tidemark-Position"] = st.position
	f := t.provenance.fresh.Load()
	if f == nil || now.Sub(f.at) >= time.Millisecond || now.Before(f.at) || !SamePosition(f.of, pos) {
		f = &freshness{at: now, of: pos, value: []string{t.Progress.Freshness(snap).String()}}
		t.provenance.fresh.Store(f)
	}
	h["Tidemark-Freshness"] = f.value
}

// Origin returns the batch and the position of a snapshot, as texts.
func (t *Served) Origin(snap *store.Snapshot) (batch, position string) {
	o := t.provenance.get(snap, t.Progress.Position(snap))
	return o.batch[0], o.position[0]
}
