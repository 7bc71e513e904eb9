package state

import (
	"encoding/binary"
	"fmt"

	"github.com/tidemark/tidemark/tables"
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
	// Told is what the changelog's tombstone says of the deletion, as it is written there.
	Told []byte
}

const (
	tombVersion = 2 // version 1 had an offset and an image, and no version
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
	return append(dst, t.Told...)
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
		t.Told = rest
	}
	return t, nil
}

// Delete removes a row, marks its key and remembers the deletion.
func (s *Store) Delete(key string, tomb Tomb, from Origin) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scratch = append(append(s.scratch[:0], spaceRow), key...)
	s.remove(s.scratch)
	if s.older { // what the source deletes is not taken over
		s.scratch[0] = spaceOlder
		s.remove(s.scratch)
	}
	s.mark(key)
	s.value = tomb.append(s.value[:0])
	s.put(spaceTomb, key, s.value)
	if tomb.Brief || tomb.Read < s.keptSince() {
		s.forgetLater(key, tomb.Offset)
	}
	return s.wrote(from)
}

// EachTomb calls fn for every deletion that is known, in the order of keys, until it returns an error.
func (s *Store) EachTomb(fn func(key string, t Tomb) error) error {
	return s.each(spaceTomb, func(key string, b []byte) error {
		t, err := parseTomb(b)
		if err != nil {
			return s.note(err)
		}
		return fn(key, t)
	})
}

// Origin is where a row or a deletion comes from.
type Origin struct {
	Offset int64 // of the source record
	// Source and Time are the event's, when it was streamed.
	Source tables.SourcePosition
	Time   int64
	// Latest is the event's time, streamed or not.
	Latest int64
	// Mixed is set in the highest one only: there were positions of several epochs.
	Mixed bool
}

// Streamed is the highest position, and the latest time, of the streamed events that
// rows and deletions come from; the position is not known when there were none.
func (s *Store) Streamed() (tables.SourcePosition, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streamed.Source, s.streamed.Time
}

// Latest is the latest time of all changes that rows and deletions come from, and whether
// these have positions of several epochs, so that none is above all others.
func (s *Store) Latest() (at int64, mixed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streamed.Latest, s.streamed.Mixed
}

// raise takes an origin into the highest position and the latest time.
func (o *Origin) raise(with *Origin) {
	o.Latest = max(o.Latest, with.Latest)
	if !with.Source.Known() || with.Source.Snapshot {
		return
	}
	o.Time = max(o.Time, with.Time)
	order, ordered := o.Source.Order(with.Source)
	o.Mixed = o.Mixed || o.Source.Epoch != 0 && !ordered
	if !ordered || order < 0 {
		o.Source = with.Source
	}
}

func (o *Origin) append(dst []byte) []byte {
	dst = append(dst, byte(o.Source.Kind))
	for _, v := range []uint64{o.Source.Major, o.Source.Minor, uint64(o.Source.Sub)} {
		dst = binary.AppendUvarint(dst, v)
	}
	dst = binary.AppendVarint(dst, o.Time)
	dst = binary.BigEndian.AppendUint32(dst, o.Source.Epoch) // from here on not in older ones
	dst = binary.AppendUvarint(dst, o.Source.Serial)
	dst = binary.AppendVarint(dst, o.Latest)
	if o.Mixed {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func parseOrigin(b []byte) (Origin, error) {
	var o Origin
	if len(b) == 0 {
		return o, fmt.Errorf("highest position: %w", ErrCorrupt)
	}
	o.Source.Kind, b = tables.SourceKind(b[0]), b[1:]
	var sub uint64
	for _, v := range []*uint64{&o.Source.Major, &o.Source.Minor, &sub} {
		n := 0
		if *v, n = binary.Uvarint(b); n <= 0 {
			return o, fmt.Errorf("highest position: %w", ErrCorrupt)
		}
		b = b[n:]
	}
	o.Source.Sub = uint32(sub)
	n := 0
	if o.Time, n = binary.Varint(b); n <= 0 {
		return o, fmt.Errorf("highest position: %w", ErrCorrupt)
	}
	if b = b[n:]; len(b) == 0 { // written before there were epochs
		return o, nil
	}
	return o, o.parseEpoch(b)
}

func (o *Origin) parseEpoch(b []byte) error {
	bad := fmt.Errorf("highest position: %w", ErrCorrupt)
	if len(b) < 4 {
		return bad
	}
	o.Source.Epoch, b = binary.BigEndian.Uint32(b), b[4:]
	n := 0
	if o.Source.Serial, n = binary.Uvarint(b); n <= 0 {
		return bad
	}
	b = b[n:]
	if o.Latest, n = binary.Varint(b); n <= 0 || len(b) != n+1 {
		return bad
	}
	o.Mixed = b[n] != 0
	return nil
}
