package state

import (
	"context"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"
)

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

// forgetLater notes a deletion for Forget.
func (s *Store) forgetLater(key string, offset int64) {
	if len(s.brief) >= maxBrief {
		s.many = true
		return
	}
	s.brief = append(s.brief, tombRef{offset: offset, key: key, since: s.opts.Clock().UnixMicro()})
}

// ManyToForget reports whether there are deletions to be forgotten that only a sweep finds.
func (s *Store) ManyToForget() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.many
}

// keptSince is the time of the records whose deletions are kept.
func (s *Store) keptSince() int64 {
	return s.opts.Clock().Add(-s.opts.KeepDeletions).UnixMicro()
}

// Forget drops the deletions before a source offset that no replay reaches any more,
// except for those that are kept longer.
func (s *Store) Forget(before int64) error {
	s.mu.Lock()
	refs := s.brief
	s.brief = nil
	s.mu.Unlock()
	limit := s.opts.Clock().Add(-briefAtLeast).UnixMicro()
	var left []tombRef
	for len(refs) > 0 && refs[0].since < limit { // they are in the order of time
		n := min(forgetAtOnce, len(refs))
		kept, err := s.forget(refs[:n], before, limit)
		if err != nil {
			return err
		}
		left, refs = append(left, kept...), refs[n:]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brief = append(append(left, refs...), s.brief...)
	return s.failed
}

// forget returns those that stay.
func (s *Store) forget(refs []tombRef, before, limit int64) (left []tombRef, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
			s.scratch = append(append(s.scratch[:0], spaceTomb), ref.key...)
			s.remove(s.scratch)
		}
	}
	return left, s.dropped()
}

// dropped hands what was removed to LevelDB when it is enough.
func (s *Store) dropped() error {
	if s.size >= s.opts.FlushBytes {
		return s.flush()
	}
	s.touched()
	return s.failed
}

// Sweep looks at everything that is kept for a time and drops what is older than
// that: deletions before the offset that no replay reaches any more, images, and
// wishes for images. It may take a minute; rows are written meanwhile. The context's end
// ends it.
func (s *Store) Sweep(ctx context.Context, before int64) (dropped int, err error) {
	s.mu.Lock()
	s.many = false
	err = s.flush()
	s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	since := s.keptSince()
	now := s.opts.Clock()
	brief := now.Add(-foundAtLeast).UnixMicro()
	n, err := s.sweep(ctx, spaceRange(spaceTomb), func(b []byte) (bool, error) {
		t, err := parseTomb(b)
		return t.Offset < before && (t.Brief && t.Read < brief || t.Read < since), err
	})
	if err != nil {
		return n, err
	}
	for space, keep := range map[byte]time.Duration{spaceImage: s.opts.KeepDeletions, spaceAsked: WishKept} {
		limit := now.Add(-keep).UnixMicro()
		m, err := s.sweep(ctx, spaceRange(space), func(b []byte) (bool, error) {
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

func (s *Store) sweep(ctx context.Context, r *util.Range, gone func(value []byte) (bool, error)) (int, error) {
	s.cuts.Add(1) // LevelDB must not be closed under an iterator
	defer s.cuts.Done()
	it := s.db.NewIterator(r, noCache())
	defer it.Release()
	var keys [][]byte
	n := 0
	for more, seen := true, 0; more; {
		keys = keys[:0]
		for more = it.Next(); more; more = it.Next() {
			if seen++; seen%sweepAtOnce == 0 && ctx.Err() != nil {
				return n, ctx.Err()
			}
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

// drop removes what is still as it was when it was looked at, in steps between which the
// writer has its turn.
func (s *Store) drop(keys [][]byte, gone func(value []byte) (bool, error)) error {
	for len(keys) > 0 {
		n := min(forgetAtOnce, len(keys))
		if err := s.dropSome(keys[:n], gone); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (s *Store) dropSome(keys [][]byte, gone func(value []byte) (bool, error)) error {
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
	return s.dropped()
}
