package rows

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const identityVersion = 1

// Identity is what a DB belongs to. A DB of another identity holds other rows.
type Identity struct {
	Changelog   [16]byte // id of the changelog topic; zeros where brokers have none
	Source      [16]byte // id of the source topic
	Partitions  int32
	Fingerprint uint32 // of the table's columns
}

// Errors that say that a DB must be set aside and built again.
var (
	ErrCorrupt  = errors.New("the rows on disk are corrupt")
	ErrIdentity = errors.New("the rows on disk belong to other topics or columns")
	ErrTooOld   = errors.New("the rows on disk are older than tombstones are kept")
)

// IsUnusable reports whether the error says that a DB must be built again.
func IsUnusable(err error) bool {
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrIdentity) || errors.Is(err, ErrTooOld)
}

func appendIdentity(dst []byte, id Identity) []byte {
	dst = append(dst, identityVersion)
	dst = append(dst, id.Changelog[:]...)
	dst = append(dst, id.Source[:]...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(id.Partitions))
	return binary.BigEndian.AppendUint32(dst, id.Fingerprint)
}

func parseIdentity(b []byte) (id Identity, err error) {
	if len(b) != 41 || b[0] != identityVersion {
		return id, fmt.Errorf("identity of %d bytes: %w", len(b), ErrCorrupt)
	}
	copy(id.Changelog[:], b[1:17])
	copy(id.Source[:], b[17:33])
	id.Partitions = int32(binary.BigEndian.Uint32(b[33:]))
	id.Fingerprint = binary.BigEndian.Uint32(b[37:])
	return id, nil
}

// check says whether a DB of identity id can serve for want. The source's id is
// the caller's to judge: it is refused there, not built again.
func (id Identity) check(want Identity) error {
	none := [16]byte{}
	switch {
	case id.Changelog != want.Changelog && id.Changelog != none && want.Changelog != none:
		return fmt.Errorf("changelog topic %x, was %x: %w", want.Changelog, id.Changelog, ErrIdentity)
	case id.Partitions != want.Partitions:
		return fmt.Errorf("%d partitions, were %d: %w", want.Partitions, id.Partitions, ErrIdentity)
	case id.Fingerprint != want.Fingerprint:
		return fmt.Errorf("columns %08x, were %08x: %w", want.Fingerprint, id.Fingerprint, ErrIdentity)
	}
	return nil
}
