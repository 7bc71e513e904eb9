package codecs

import (
	"errors"
	"fmt"
)

// ErrUnavailable is what an error wraps when a record cannot be decoded now, because
// something that is needed for it is away: the schema registry.
var ErrUnavailable = errors.New("unavailable")

// ErrOtherKey is what an error wraps when the record's key has other fields than the
// table's, or none: no value of it is wrong.
var ErrOtherKey = errors.New("the record has another key than the table")

// Error says why a record, or a part of one, could not be decoded.
type Error struct {
	Field  string // such as key, value, after.total
	Reason string // what was expected and what was found, the found text clipped
	Cause  error  // ErrUnavailable or ErrOtherKey, or nothing
}

// Error writes field and reason.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// Unwrap returns ErrUnavailable where the record is not at fault, and ErrOtherKey.
func (e *Error) Unwrap() error { return e.Cause }
