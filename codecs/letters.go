package codecs

import (
	"encoding/binary"
	"fmt"
)

const letterRequestVersion = 1

// LetterAction is what is to be done with dead letters.
type LetterAction byte

// The actions.
const (
	RetryLetters LetterAction = 1 // decode and fold them again
	DropLetters  LetterAction = 2 // count them as settled
)

// LetterRequest is the body of a control record of kind DeadLetters.
type LetterRequest struct {
	ID      string // of the request, in the answers
	Action  LetterAction
	Offsets []int64 // of the dead letters, in the partition of the same number of their topic; rising
}

// AppendLetterRequest appends the bytes of q to dst.
func AppendLetterRequest(dst []byte, q LetterRequest) []byte {
	dst = append(dst, letterRequestVersion, byte(q.Action))
	dst = binary.AppendUvarint(dst, uint64(len(q.ID)))
	dst = append(dst, q.ID...)
	last := int64(0)
	for _, o := range q.Offsets {
		dst = binary.AppendVarint(dst, o-last)
		last = o
	}
	return dst
}

// ParseLetterRequest reads a request.
func ParseLetterRequest(b []byte) (LetterRequest, error) {
	r := reader{b: b}
	r.version(letterRequestVersion)
	q := LetterRequest{Action: LetterAction(r.byte())}
	q.ID = string(r.take(r.uvarint()))
	last := int64(0)
	for len(r.b) > 0 && !r.bad {
		last += r.varint()
		q.Offsets = append(q.Offsets, last)
	}
	if err := r.end(); err != nil || q.Action < RetryLetters || q.Action > DropLetters {
		return LetterRequest{}, fmt.Errorf("request about dead letters: %w", ErrCorrupt)
	}
	return q, nil
}
