package processors

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/state"
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
func (r *run) recoverRecord(offset int64, key string, value, stampBytes, image []byte) error {
	stamp := codecs.Stamp{Offset: state.Unknown}
	if stampBytes != nil {
		var err error
		if stamp, err = codecs.ParseStamp(stampBytes); err != nil {
			return fmt.Errorf("changelog record %d: %w", offset, err)
		}
	}
	if stampBytes != nil && stamp.Offset < r.newestStamp {
		stale, err := r.isStale(key, stamp.Offset)
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
		return r.store.Put(key, value, stamp.Offset, mark)
	}
	if r.sinceForget++; r.sinceForget >= forgetPace {
		r.sinceForget = 0
		if err := r.store.Forget(r.newestStamp - forgetInRecovery); err != nil {
			return err
		}
	}
	return r.store.Delete(key, state.Tomb{Offset: stamp.Offset, Image: image})
}

// isStale reports whether the key's row, or its deletion, comes from a later source record.
func (r *run) isStale(key string, offset int64) (bool, error) {
	b, err := r.store.Get(key)
	if err != nil {
		return false, err
	}
	if b != nil {
		row, err := codecs.ParseStateRow(b)
		if err != nil {
			return false, nil //nolint:nilerr // an unreadable row is newer than nothing
		}
		return row.Offset > offset, nil
	}
	t, ok, err := r.store.Tomb(key)
	return ok && t.Offset > offset, err
}

// repairOffset marks the messages that the feeder makes up for keys to be repaired.
const repairOffset int64 = -1

// repair writes what the state has for the key to the changelog again.
func (r *run) repair(k tableKey, key string) error {
	b, err := r.store.Get(key)
	if err != nil {
		return err
	}
	r.metrics.repaired.Inc()
	if b != nil {
		row, err := codecs.ParseStateRow(b)
		if err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		r.logger.Warn("row written to the changelog again, behind a late record of a writer that had lost the partition",
			"offset", row.Offset)
		r.begin(state.Tomb{Offset: row.Offset})
		r.encoded = append([]byte(nil), b...)
		k.set()
		return nil
	}
	t, ok, err := r.store.Tomb(key)
	if err != nil || !ok {
		return err
	}
	r.logger.Warn("deletion written to the changelog again, behind a late record of a writer that had lost the partition",
		"offset", t.Offset)
	r.begin(t)
	k.remove(t.Image)
	return nil
}

// begin notes whose change is written next: the store and the stamp need to know.
func (r *run) begin(t state.Tomb) {
	r.current = t
	r.log.stamp.Offset = t.Offset
}
