package wire

import (
	"encoding/binary"
	"fmt"
)

const deadLetterRequestVersion = 1

// DeadLetterAction is what is to be done with dead letters.
type DeadLetterAction byte

// The actions.
const (
	RetryDeadLetters DeadLetterAction = 1 // decode and fold them again
	DropDeadLetters  DeadLetterAction = 2 // count them as settled
)

// DeadLetterRequest is the body of a control record of kind DeadLetters.
type DeadLetterRequest struct {
	ID      string // of the request, in the answers
	Action  DeadLetterAction
	Offsets []int64 // of the dead letters, in the partition of the same number of their topic; rising
}

// AppendDeadLetterRequest appends the bytes of q to dst.
func AppendDeadLetterRequest(dst []byte, q DeadLetterRequest) []byte {
	dst = append(dst, deadLetterRequestVersion, byte(q.Action))
	dst = binary.AppendUvarint(dst, uint64(len(q.ID)))
	dst = append(dst, q.ID...)
	last := int64(0)
	for _, o := range q.Offsets {
		dst = binary.AppendVarint(dst, o-last)
		last = o
	}
	return dst
}

// ParseDeadLetterRequest reads a request.
func ParseDeadLetterRequest(b []byte) (DeadLetterRequest, error) {
	r := reader{b: b}
	r.version(deadLetterRequestVersion)
	q := DeadLetterRequest{Action: DeadLetterAction(r.byte())}
	q.ID = string(r.take(r.uvarint()))
	last := int64(0)
	for len(r.b) > 0 && !r.bad {
		last += r.varint()
		q.Offsets = append(q.Offsets, last)
	}
	if err := r.end(); err != nil || q.Action < RetryDeadLetters || q.Action > DropDeadLetters {
		return DeadLetterRequest{}, fmt.Errorf("request about dead letters: %w", ErrCorrupt)
	}
	return q, nil
}
