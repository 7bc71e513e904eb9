package recovery

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
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

// Options of a recovery.
type Options struct {
	Fingerprint uint32 // of the table's columns
	// Batch is the changelog's cut of the newest batch: rows that follow are marked. It is
	// state.Unknown without a batch.
	Batch int64
	// Unreadable is called for a changelog record that is left out.
	Unreadable func(offset int64, err error)
}

// Recovery applies the changelog to the state, for one run.
type Recovery struct {
	opts        Options
	state       *state.Store
	fresh       bool  // nothing was known before
	newestStamp int64 // seen so far
	topGivenUp  int64 // the highest stamp of the rows given up that it has met
	sinceForget int
	repairs     map[string]struct{}
	values      []tables.Value // memory that one record after the other uses
}

// Record is a record of the changelog.
type Record struct {
	Offset  int64
	Key     string
	Value   []byte // a state row; nil for a deletion
	Written int64  // when it was written, microseconds since the epoch
	// Stamp, Says and BeforeImage are its headers: a deletion has the last two.
	Stamp, Says, BeforeImage []byte
}

// New makes a recovery. It needs a state before it can take records.
func New(o Options) *Recovery {
	return &Recovery{opts: o, newestStamp: state.Unknown, topGivenUp: state.Unknown, repairs: map[string]struct{}{}}
}

// Open takes the state that the changelog is applied to.
func (v *Recovery) Open(s *state.Store) {
	v.state = s
	v.newestStamp = s.Applied()
	v.fresh = s.Position() == state.Unknown
}

// Fresh reports whether nothing was known before: the state is what the changelog has.
func (v *Recovery) Fresh() bool { return v.fresh }

// Repairs are the keys whose newest changelog record is an old one.
func (v *Recovery) Repairs() map[string]struct{} { return v.repairs }

// Take applies a changelog record to the state.
//
// Stamps of one writer rise. One that falls behind is either a replay, which
// repeats what is known, or the late record of a writer that had lost the
// partition: older than what its key already has. Such a record is not applied, and
// the newer row is written to the changelog again, behind it.
func (v *Recovery) Take(rec *Record) error {
	stamp := wire.Stamp{Offset: state.Unknown}
	if rec.Stamp != nil {
		var err error
		if stamp, err = wire.ParseStamp(rec.Stamp); err != nil {
			return v.leaveOut(rec, err)
		}
	}
	if err := v.readable(rec); err != nil {
		return v.leaveOut(rec, err)
	}
	if rec.Stamp != nil && (stamp.Offset < v.newestStamp || v.mayComeBack(stamp.Offset)) {
		stale, err := v.IsStale(rec.Key, stamp.Offset, rec.Value != nil)
		if err != nil {
			return err
		}
		if stale {
			v.repairs[rec.Key] = struct{}{}
			return nil
		}
	}
	if len(v.repairs) > 0 {
		delete(v.repairs, rec.Key)
	}
	v.newestStamp = max(v.newestStamp, stamp.Offset)
	if rec.Value != nil {
		mark := v.opts.Batch != state.Unknown && rec.Offset >= v.opts.Batch
		return v.state.Put(rec.Key, rec.Value, rowwriter.OriginOf(stamp.Offset, rec.Value), mark)
	}
	if err := v.forget(); err != nil {
		return err
	}
	return v.Delete(rec, stamp.Offset)
}

// forget drops, now and then, deletions that nothing can come behind.
func (v *Recovery) forget() error {
	if v.sinceForget++; v.sinceForget < forgetPace {
		return nil
	}
	v.sinceForget = 0
	return v.state.Deletions.Forget(v.newestStamp - forgetInRecovery)
}

// readable looks whether a changelog record can be used, as views do: what they leave out
// must not become a row here.
func (v *Recovery) readable(rec *Record) error {
	if rec.Key == "" {
		return fmt.Errorf("key is empty: %w", wire.ErrCorrupt)
	}
	if rec.Value == nil {
		return nil
	}
	s, err := wire.ParseStateRow(rec.Value)
	if err != nil || s.Fingerprint != v.opts.Fingerprint {
		return err
	}
	row, err := s.Row(v.values)
	if err != nil {
		return err
	}
	v.values = row.Values
	return nil
}

// leaveOut passes over a changelog record that cannot be read. Whatever the state has of its
// key is written again behind it: compaction keeps only the last record of a key.
func (v *Recovery) leaveOut(rec *Record, why error) error {
	v.opts.Unreadable(rec.Offset, why)
	if rec.Key == "" {
		return nil
	}
	b, err := v.state.Get(rec.Key)
	if b != nil && err == nil {
		v.repairs[rec.Key] = struct{}{}
	}
	return err
}
