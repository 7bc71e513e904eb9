package state

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"

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
		s.brief = append(s.brief, tombRef{offset: tomb.Offset, key: key, since: s.opts.Clock().UnixMicro()})
	}
	return s.wrote(from)
}

// keptSince is the time of the records whose deletions are kept.
func (s *Store) keptSince() int64 {
	return s.opts.Clock().Add(-s.opts.KeepDeletions).UnixMicro()
}

// Forget drops the deletions before a source offset that no replay reaches any more,
// except for those that are kept longer.
func (s *Store) Forget(before int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.opts.Clock().Add(-briefAtLeast).UnixMicro()
	left := s.brief[:0]
	for _, ref := range s.brief {
		if ref.offset >= before || ref.since >= limit {
			left = append(left, ref)
			continue
		}
		t, ok, err := s.tomb(ref.key)
		if err != nil {
			return err
		}
		if ok && t.Offset == ref.offset { // a later deletion of the key is another matter
			s.scratch = append(append(s.scratch[:0], spaceTomb), ref.key...)
			s.remove(s.scratch)
			s.touched()
		}
	}
	clear(s.brief[len(left):])
	if s.brief = left; len(left) == 0 {
		s.brief = nil
	}
	return s.failed
}

// sweepAtOnce bounds how long a sweep keeps the writer waiting.
const sweepAtOnce = 1000

// Sweep looks at everything that is kept for a time and drops what is older than
// that: deletions before the offset that no replay reaches any more, images, and
// wishes for images. It may take seconds; rows are written meanwhile.
func (s *Store) Sweep(before int64) (dropped int, err error) {
	if err := s.Flush(); err != nil {
		return 0, err
	}
	since := s.keptSince()
	now := s.opts.Clock()
	brief := now.Add(-foundAtLeast).UnixMicro()
	n, err := s.sweep(spaceRange(spaceTomb), func(b []byte) (bool, error) {
		t, err := parseTomb(b)
		return t.Offset < before && (t.Brief && t.Read < brief || t.Read < since), err
	})
	if err != nil {
		return n, err
	}
	for space, keep := range map[byte]time.Duration{spaceImage: s.opts.KeepDeletions, spaceAsked: WishKept} {
		limit := now.Add(-keep).UnixMicro()
		m, err := s.sweep(spaceRange(space), func(b []byte) (bool, error) {
			at, err := keptAt(b)
			return at < limit, err
		})
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *Store) sweep(r *util.Range, gone func(value []byte) (bool, error)) (int, error) {
	s.cuts.Add(1) // LevelDB must not be closed under an iterator
	defer s.cuts.Done()
	it := s.db.NewIterator(r, noCache())
	defer it.Release()
	var keys [][]byte
	n := 0
	for more := true; more; {
		keys = keys[:0]
		for more = it.Next(); more; more = it.Next() {
			yes, err := gone(it.Value())
			if err != nil {
				return n, s.note(err)
			}
			if yes {
				if keys = append(keys, append([]byte(nil), it.Key()...)); len(keys) == sweepAtOnce {
					break
				}
			}
		}
		if err := s.drop(keys, gone); err != nil {
			return n, err
		}
		n += len(keys)
	}
	return n, s.note(it.Error())
}

// drop removes what is still as it was when it was looked at.
func (s *Store) drop(keys [][]byte, gone func(value []byte) (bool, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		b, err := s.get(k[0], string(k[1:]))
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		if yes, err := gone(b); err != nil || !yes {
			continue
		}
		s.remove(append([]byte(nil), k...))
	}
	s.touched()
	return s.failed
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
