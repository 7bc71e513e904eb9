package processors

import (
	"bytes"
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// forgetInRecovery is how far the stamps of recovery reach back: deletions further
// behind than any writer can have in flight are of no use to it.
const (
	forgetInRecovery = 200_000
	forgetPace       = 50_000
)

// recoverRecord applies a changelog record to the state.
//
// Stamps of one writer rise. One that falls behind is either a replay, which
// repeats what is known, or the late record of a writer that had lost the
// partition: older than what its key already has. Such a record is not applied, and
// the newer row is written to the changelog again, behind it.
func (r *run) recoverRecord(rec recovered) error {
	offset, key, value, stampBytes := rec.offset, rec.key, rec.value, rec.stamp
	stamp := wire.Stamp{Offset: state.Unknown}
	if stampBytes != nil {
		var err error
		if stamp, err = wire.ParseStamp(stampBytes); err != nil {
			return r.leaveOut(offset, key, err)
		}
	}
	if err := r.readable(key, value); err != nil {
		return r.leaveOut(offset, key, err)
	}
	if stampBytes != nil && (stamp.Offset < r.newestStamp || r.mayComeBack(stamp.Offset)) {
		stale, err := r.isStale(key, stamp.Offset, value != nil)
		if err != nil {
			return err
		}
		if stale {
			r.repairs[key] = struct{}{}
			return nil
		}
	}
	if len(r.repairs) > 0 {
		delete(r.repairs, key)
	}
	r.newestStamp = max(r.newestStamp, stamp.Offset)
	if value != nil {
		mark := r.hasBatch && offset >= r.previous.Changelog
		return r.store.Put(key, value, originOf(stamp.Offset, value), mark)
	}
	if r.sinceForget++; r.sinceForget >= forgetPace {
		r.sinceForget = 0
		if err := r.store.Deletions.Forget(r.newestStamp - forgetInRecovery); err != nil {
			return err
		}
	}
	return r.recoverDeletion(rec, stamp.Offset)
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

func (r *run) recoverDeletion(rec recovered, offset int64) error {
	from := state.Origin{Offset: offset}
	t := state.Tomb{Offset: offset, Read: rec.at, Told: rec.told}
	if wire.IsGivenUp(rec.told) {
		r.topGivenUp = max(r.topGivenUp, offset)
	}
	if rec.told != nil {
		d, err := wire.ParseDeletion(rec.told)
		if err != nil { // the deletion itself can be read
			r.noteUnreadable(r.names.Table, rec.offset, err)
			t.Told = nil
			return r.store.Delete(rec.key, t, from)
		}
		from = originOfDeletion(offset, &d)
		t.Read, t.Brief = d.Read, d.Truncate
		if d.Logged != 0 { // its key may stand in several partitions: see keptFrom
			t.Read = max(d.Read, rec.at)
		}
		if rec.image != nil {
			i := state.Image{Offset: offset, At: rec.at, Row: rec.image}
			if err := r.store.Images.Put(rec.key, string(d.NewKey), i); err != nil {
				return err
			}
		}
	}
	return r.store.Delete(rec.key, t, from)
}

// readable looks whether a changelog record can be used, as views do: what they leave out
// must not become a row here.
func (r *run) readable(key string, value []byte) error {
	if key == "" {
		return fmt.Errorf("key is empty: %w", wire.ErrCorrupt)
	}
	if value == nil {
		return nil
	}
	_, err := r.decodeRow(value, &r.scratch.row, &r.scratch.values)
	return err
}

// leaveOut passes over a changelog record that cannot be read. Whatever the state has of its
// key is written again behind it: compaction keeps only the last record of a key.
func (r *run) leaveOut(offset int64, key string, why error) error {
	r.noteUnreadable(r.names.Table, offset, why)
	if key == "" {
		return nil
	}
	b, err := r.store.Get(key)
	if b != nil && err == nil {
		r.repairs[key] = struct{}{}
	}
	return err
}

// noteUnreadable counts a record that is left out, and tells of the first one.
func (s *shared) noteUnreadable(topic string, offset int64, why error) {
	s.metrics.unreadable.Inc()
	say := s.logger.Debug
	if _, told := s.toldUnreadable.LoadOrStore(topic, true); !told {
		say = s.logger.Error
	}
	say("record cannot be read and is left out, as are others of its kind", "topic", topic, "offset", offset, "error", why)
}

// isStale reports whether the key's row, or its deletion, comes from a later source record
// than a row or a tombstone of the changelog.
func (r *run) isStale(key string, offset int64, hasRow bool) (bool, error) {
	b, err := r.store.Get(key)
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
	t, ok, err := r.store.Tomb(key)
	return ok && (t.Offset > offset || cameBack(&t, offset, hasRow)), err
}

// repair writes what the state has for the key to the changelog again.
func (r *run) repair(e bus.Event) error {
	k := target{key: e.Key, acks: e.Message}
	b, err := r.store.Get(k.key)
	if err != nil {
		return err
	}
	r.metrics.repaired.Inc()
	if b != nil {
		row, err := wire.ParseStateRow(b)
		if err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		r.logger.Warn("row written to the changelog again, behind a late record of a writer that had lost the partition",
			"offset", row.Offset)
		return r.rows.Put(k.key, bytes.Clone(b), originOf(row.Offset, b), k.acks.DeferCommit())
	}
	t, ok, err := r.store.Tomb(k.key)
	if err != nil || !ok {
		return err
	}
	r.logger.Warn("deletion written to the changelog again, behind a late record of a writer that had lost the partition",
		"offset", t.Offset)
	return r.removeAgain(k, t)
}

// removeAgain writes a deletion that is known to the changelog again.
func (r *run) removeAgain(k target, t state.Tomb) error {
	d, err := toldBy(t)
	if err != nil {
		return err
	}
	again := rowwriter.Deletion{Says: d, From: originOfDeletion(t.Offset, &d), Offset: t.Offset}
	if d.NewKey != "" {
		if _, again.Image, err = r.lastOf(tables.Key(k.key), d.NewKey, d.Source); err != nil {
			return err
		}
	}
	return r.rows.Delete(k.key, &again, k.acks.DeferCommit())
}

// toldBy is what a kept deletion says of itself.
func toldBy(t state.Tomb) (wire.Deletion, error) {
	if t.Told == nil {
		return wire.Deletion{Read: t.Read}, nil
	}
	return wire.ParseDeletion(t.Told)
}
