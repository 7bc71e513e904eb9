package state

import (
	"errors"
	"fmt"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
)

// Identity says which topics the state belongs to. Zeros match everything.
type Identity struct {
	Source    [16]byte
	Changelog [16]byte
}

// same reports whether two ids may be of one topic: brokers without ids give zeros.
func same(a, b [16]byte) bool { return a == b || a == [16]byte{} || b == [16]byte{} }

func (i Identity) append(dst []byte) []byte {
	dst = append(dst, i.Source[:]...)
	return append(dst, i.Changelog[:]...)
}

func parseIdentity(b []byte) (Identity, error) {
	var i Identity
	if len(b) != 32 {
		return i, fmt.Errorf("identity: %w", ErrCorrupt)
	}
	copy(i.Source[:], b)
	copy(i.Changelog[:], b[16:])
	return i, nil
}

// UnfitError says why a state on disk must not be used.
type UnfitError struct{ Why string }

// Error says why.
func (e *UnfitError) Error() string { return "the local state cannot be used: " + e.Why }

// ErrOtherSource says that the state was made from another source topic of the same
// name, while its changelog is still there: offsets no longer mean what they did.
var ErrOtherSource = errors.New("the local state was made from a source topic that was deleted and made again")

// checkIdentity compares the state with the topics it must belong to and with the
// clock. A state that has not been touched for longer than tombstones live may hold
// rows whose deletion it can no longer learn of.
func (d *disk) checkIdentity() error {
	b, err := d.record(metaIdentity)
	if err != nil {
		return err
	}
	if b == nil {
		return d.touch()
	}
	id, err := parseIdentity(b)
	if err != nil {
		return err
	}
	if !same(id.Changelog, d.opts.Identity.Changelog) {
		return &UnfitError{Why: "it belongs to a changelog that was deleted and made again"}
	}
	if !same(id.Source, d.opts.Identity.Source) {
		return ErrOtherSource
	}
	clock, err := d.int(metaClock)
	if err != nil {
		return err
	}
	if age := d.opts.Clock().Sub(time.UnixMicro(clock)); d.opts.MaxAge > 0 && age > d.opts.MaxAge {
		return &UnfitError{Why: fmt.Sprintf("it is %s old, and tombstones may be gone after %s", age.Round(time.Second), d.opts.MaxAge)}
	}
	return d.touch()
}

// touch writes identity and clock: the state was current at this time.
func (d *disk) touch() error {
	b := new(leveldb.Batch)
	b.Put([]byte(metaIdentity), d.opts.Identity.append(nil))
	b.Put([]byte(metaClock), appendInt(nil, d.opts.Clock().UnixMicro()))
	if err := d.db.Write(b, nil); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	return nil
}
