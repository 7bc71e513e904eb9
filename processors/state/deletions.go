package state

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Tomb is what is kept of a deletion. Until no replay can reach it, it keeps an
// older upsert from bringing the row back. Most are kept longer, see
// Options.KeepDeletions: an event that the source sends twice, and a dead letter
// that is tried again, must not do so either.
type Tomb struct {
	Offset int64 // of the source record that deleted the row
	Read   int64 // the time of that record, microseconds since the epoch
	// Brief says that the deletion need not be kept for longer than a replay could
	// reach it: a truncate is known by itself.
	Brief bool
	// Deletion is the deletion as the changelog's tombstone has it, encoded.
	Deletion []byte
}

const (
	tombVersion = 2 // version 1 had an offset and a before-image, and no version
	tombBrief   = 1
)

func (t Tomb) append(dst []byte) []byte {
	flags := byte(0)
	if t.Brief {
		flags = tombBrief
	}
	dst = append(dst, tombVersion, flags)
	dst = binary.AppendVarint(dst, t.Offset)
	dst = binary.AppendVarint(dst, t.Read)
	return append(dst, t.Deletion...)
}

func parseTomb(b []byte) (Tomb, error) {
	if len(b) >= 8 && (b[0] == 0 || b[0] == 0xff) { // version 1: the offset alone is of use
		return Tomb{Offset: int64(binary.BigEndian.Uint64(b))}, nil
	}
	if len(b) < 4 || b[0] != tombVersion {
		return Tomb{}, fmt.Errorf("deletion: %w", ErrCorrupt)
	}
	t, rest := Tomb{Brief: b[1]&tombBrief != 0}, b[2:]
	for _, v := range []*int64{&t.Offset, &t.Read} {
		n := 0
		if *v, n = binary.Varint(rest); n <= 0 {
			return Tomb{}, fmt.Errorf("deletion: %w", ErrCorrupt)
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		t.Deletion = rest
	}
	return t, nil
}

// tombRef is a deletion that is not kept once no replay reaches it.
type tombRef struct {
	offset int64
	key    string
	since  int64
}

// How long a brief deletion stays all the same: until its tombstone is surely
// acknowledged, or the run that has written it has failed and begun again. The second
// is for those that a run has found on disk.
const (
	briefAtLeast = time.Minute
	foundAtLeast = time.Hour
)

// What bounds the forgetting: a truncate of a large table, or the load of an old topic,
// leaves millions of deletions. Those for which there is no room in memory are found by a sweep.
const (
	maxBrief     = 64_000 // in memory
	forgetAtOnce = 250    // while the writer waits
	sweepAtOnce  = 1000
)

// Deletions is the key space of deletions: for how long each is kept.
type Deletions struct {
	disk  *disk
	value []byte
	brief []tombRef // deletions that are not kept, to be forgotten
	many  bool      // there are more than that
}

// put remembers the deletion of a key.
func (s *Deletions) put(key string, tomb Tomb) {
	s.value = tomb.append(s.value[:0])
	s.disk.put(spaceTomb, key, s.value)
	if tomb.Brief || tomb.Read < s.keptSince() {
		s.forgetLater(key, tomb.Offset)
	}
}

func (s *Deletions) tomb(key string) (Tomb, bool, error) {
	b, err := s.disk.get(spaceTomb, key)
	if err != nil || b == nil {
		return Tomb{}, false, err
	}
	t, err := parseTomb(b)
	return t, err == nil, s.disk.note(err)
}

// forgetLater notes a deletion for Forget.
func (s *Deletions) forgetLater(key string, offset int64) {
	if len(s.brief) >= maxBrief {
		s.many = true
		return
	}
	s.brief = append(s.brief, tombRef{offset: offset, key: key, since: s.disk.opts.Clock().UnixMicro()})
}

// swept returns since when deletions are kept, and begins to note anew whether a sweep is needed.
func (s *Deletions) swept() (since int64, err error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.many = false
	return s.keptSince(), s.disk.flush()
}

// ManyToForget reports whether there are deletions to be forgotten that only a sweep finds.
func (s *Deletions) ManyToForget() bool {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.many
}

// keptSince is the time of the records whose deletions are kept.
func (s *Deletions) keptSince() int64 {
	return s.disk.opts.Clock().Add(-s.disk.opts.KeepDeletions).UnixMicro()
}

// Forget drops the deletions before a source offset that no replay reaches any more,
// except for those that are kept longer.
func (s *Deletions) Forget(before int64) error {
	s.disk.mu.Lock()
	refs := s.brief
	s.brief = nil
	s.disk.mu.Unlock()
	limit := s.disk.opts.Clock().Add(-briefAtLeast).UnixMicro()
	var left []tombRef
	for len(refs) > 0 && refs[0].since < limit { // they are in the order of time
		n := min(forgetAtOnce, len(refs))
		kept, err := s.forget(refs[:n], before, limit)
		if err != nil {
			return err
		}
		left, refs = append(left, kept...), refs[n:]
	}
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.brief = append(append(left, refs...), s.brief...)
	return s.disk.failed
}

// forget returns those that stay.
func (s *Deletions) forget(refs []tombRef, before, limit int64) (left []tombRef, err error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	for _, ref := range refs {
		if ref.offset >= before || ref.since >= limit {
			left = append(left, ref)
			continue
		}
		t, ok, err := s.tomb(ref.key)
		if err != nil {
			return nil, err
		}
		if ok && t.Offset == ref.offset { // a later deletion of the key is another matter
			s.disk.delete(spaceTomb, ref.key)
		}
	}
	return left, s.disk.grown()
}
