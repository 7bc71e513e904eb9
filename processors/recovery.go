package processors

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// forgetInRecovery is how far the stamps of recovery reach back: deletions further
// behind than any writer can have in flight are of no use to it.
const (
	forgetInRecovery = 200_000
	forgetPace       = 50_000
)

// recoverer applies the changelog to the state, before a run begins. It has the applier's state
// and memory, and what it finds out is the run's.
type recoverer struct {
	*applier
	batch       int64 // the changelog's cut of the newest batch, or state.Unknown: what follows is marked
	fresh       bool  // nothing was known before recovery
	newestStamp int64 // seen so far
	topGivenUp  int64 // the highest stamp of the rows given up that it has met
	sinceForget int
	repairs     map[string]struct{} // keys whose newest changelog record is an old one
}

func newRecoverer(hasBatch bool, cut int64) *recoverer {
	v := &recoverer{batch: state.Unknown, newestStamp: state.Unknown, topGivenUp: state.Unknown, repairs: map[string]struct{}{}}
	if hasBatch {
		v.batch = cut
	}
	return v
}

// open takes the state that the changelog is applied to.
func (v *recoverer) open(s *state.Store) {
	v.newestStamp = s.Applied()
	v.fresh = s.Position() == state.Unknown
}

// recoverRecord applies a changelog record to the state.
//
// Stamps of one writer rise. One that falls behind is either a replay, which
// repeats what is known, or the late record of a writer that had lost the
// partition: older than what its key already has. Such a record is not applied, and
// the newer row is written to the changelog again, behind it.
func (v *recoverer) recoverRecord(rec recovered) error {
	offset, key, value, stampBytes := rec.offset, rec.key, rec.value, rec.stamp
	stamp := wire.Stamp{Offset: state.Unknown}
	if stampBytes != nil {
		var err error
		if stamp, err = wire.ParseStamp(stampBytes); err != nil {
			return v.leaveOut(offset, key, err)
		}
	}
	if err := v.readable(key, value); err != nil {
		return v.leaveOut(offset, key, err)
	}
	if stampBytes != nil && (stamp.Offset < v.newestStamp || v.mayComeBack(stamp.Offset)) {
		stale, err := v.isStale(key, stamp.Offset, value != nil)
		if err != nil {
			return err
		}
		if stale {
			v.repairs[key] = struct{}{}
			return nil
		}
	}
	if len(v.repairs) > 0 {
		delete(v.repairs, key)
	}
	v.newestStamp = max(v.newestStamp, stamp.Offset)
	if value != nil {
		mark := v.batch != state.Unknown && offset >= v.batch
		return v.store.Put(key, value, originOf(stamp.Offset, value), mark)
	}
	if v.sinceForget++; v.sinceForget >= forgetPace {
		v.sinceForget = 0
		if err := v.store.Deletions.Forget(v.newestStamp - forgetInRecovery); err != nil {
			return err
		}
	}
	return v.recoverDeletion(rec, stamp.Offset)
}

// recovered is a changelog record as recovery meets it.
type recovered struct {
	offset             int64
	key                string
	value              []byte
	at                 int64 // when it was written, microseconds since the epoch
	stamp, told, image []byte
}

// originOf is where a state row comes from.
func originOf(offset int64, value []byte) state.Origin {
	o := state.Origin{Offset: offset}
	if row, err := wire.ParseStateRow(value); err == nil { // an unreadable row is found when it is needed
		o.Source, o.Time = row.LastStreamed()
		o.Latest = row.Time
	}
	return o
}

func (v *recoverer) recoverDeletion(rec recovered, offset int64) error {
	from := state.Origin{Offset: offset}
	t := state.Tomb{Offset: offset, Read: rec.at, Told: rec.told}
	if wire.IsGivenUp(rec.told) {
		v.topGivenUp = max(v.topGivenUp, offset)
	}
	if rec.told != nil {
		d, err := wire.ParseDeletion(rec.told)
		if err != nil { // the deletion itself can be read
			v.s.noteUnreadable(v.s.names.Table, rec.offset, err)
			t.Told = nil
			return v.store.Delete(rec.key, t, from)
		}
		from = originOfDeletion(offset, &d)
		t.Read, t.Brief = d.Read, d.Truncate
		if d.Logged != 0 { // its key may stand in several partitions: see keptFrom
			t.Read = max(d.Read, rec.at)
		}
		if rec.image != nil {
			i := state.Image{Offset: offset, At: rec.at, Row: rec.image}
			if err := v.store.Images.Put(rec.key, string(d.NewKey), i); err != nil {
				return err
			}
		}
	}
	return v.store.Delete(rec.key, t, from)
}

// readable looks whether a changelog record can be used, as views do: what they leave out
// must not become a row here.
func (v *recoverer) readable(key string, value []byte) error {
	if key == "" {
		return fmt.Errorf("key is empty: %w", wire.ErrCorrupt)
	}
	if value == nil {
		return nil
	}
	_, err := v.decodeRow(value, &v.scratch.row, &v.scratch.values)
	return err
}

// leaveOut passes over a changelog record that cannot be read. Whatever the state has of its
// key is written again behind it: compaction keeps only the last record of a key.
func (v *recoverer) leaveOut(offset int64, key string, why error) error {
	v.s.noteUnreadable(v.s.names.Table, offset, why)
	if key == "" {
		return nil
	}
	b, err := v.store.Get(key)
	if b != nil && err == nil {
		v.repairs[key] = struct{}{}
	}
	return err
}

// isStale reports whether the key's row, or its deletion, comes from a later source record
// than a row or a tombstone of the changelog.
func (v *recoverer) isStale(key string, offset int64, hasRow bool) (bool, error) {
	b, err := v.store.Get(key)
	if err != nil {
		return false, err
	}
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err != nil {
			return false, nil //nolint:nilerr // an unreadable row is newer than nothing
		}
		return row.Offset > offset, nil
	}
	t, ok, err := v.store.Tomb(key)
	return ok && (t.Offset > offset || cameBack(&t, offset, hasRow)), err
}

// mayComeBack reports whether a record of the newest stamp may be a row that was given up.
// Adopted rows have one stamp, too, and cost no look.
func (v *recoverer) mayComeBack(stamp int64) bool {
	return stamp == v.newestStamp && (v.gaveUpAt(stamp) || !v.fresh)
}

// gaveUpAt reports whether a stamp is the highest one of the rows given up so far. Of one
// below it the newest stamp tells.
func (v *recoverer) gaveUpAt(stamp int64) bool {
	return stamp == v.topGivenUp && stamp != state.Unknown
}
