package api

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// stamps holds the header values that many answers share, so that they are made once.
type stamps struct {
	newest atomic.Pointer[stamp]
	fresh  atomic.Pointer[freshStamp]
}

// stamp is what a snapshot says in the headers.
type stamp struct {
	of              tables.Position
	number          uint64
	batch, position []string
}

// freshStamp is the freshness of a position, which is told for a millisecond, its unit.
type freshStamp struct {
	at    time.Time
	of    tables.Position
	value []string
}

func (s *stamps) get(snap *store.Snapshot, pos tables.Position) *stamp {
	batch := snap.Batch()
	if st := s.newest.Load(); st != nil && st.number == batch && samePosition(st.of, pos) {
		return st
	}
	st := &stamp{of: pos, number: batch, batch: []string{strconv.FormatUint(batch, 10)}, position: []string{pos.String()}}
	s.newest.Store(st)
	return st
}

// samePosition reports whether two positions are one: snapshots never change
// theirs, so one place in memory means one text.
func samePosition(a, b tables.Position) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// set writes what an answer is made of into its headers.
func (t *served) set(h http.Header, snap *store.Snapshot, now time.Time) {
	pos := t.Tide.Position(snap)
	st := t.stamp.get(snap, pos)
	h["Tidemark-Batch"] = st.batch
	h["Tidemark-Position"] = st.position
	f := t.stamp.fresh.Load()
	if f == nil || now.Sub(f.at) >= time.Millisecond || now.Before(f.at) || !samePosition(f.of, pos) {
		f = &freshStamp{at: now, of: pos, value: []string{t.Tide.Freshness(snap).String()}}
		t.stamp.fresh.Store(f)
	}
	h["Tidemark-Freshness"] = f.value
}

// etagOf returns the tag of everything that is read from a snapshot. It is weak:
// the same rows are told with different statistics and encodings.
func etagOf(snap *store.Snapshot) string { return `W/"` + snap.ETag() + `"` }

// matches reports whether an If-None-Match names the tag.
func matches(lines []string, etag string) bool {
	tag := strings.TrimPrefix(etag, "W/")
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || strings.TrimPrefix(item, "W/") == tag {
				return true
			}
		}
	}
	return false
}
