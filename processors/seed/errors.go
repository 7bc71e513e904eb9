package seed

import (
	"errors"
	"fmt"
)

// UnfitError says that the plan cannot be carried out: another one must be made.
// Trying again does not help.
type UnfitError struct {
	Table string
	Why   string
}

// Error says why, and what can be done.
func (e *UnfitError) Error() string { return fmt.Sprintf("fill table %s: %s", e.Table, e.Why) }

// ValueError says that a value of a new or changed column cannot be read from a kept
// document. A rebuild from the source may be able to.
type ValueError struct {
	Column string
	Key    string // as JSON
	Reason string
	Others int // rows beside this one that were found to have such a value, too
}

// Error names column and key, and what can be done.
func (e *ValueError) Error() string {
	others := ""
	if e.Others > 0 {
		others = fmt.Sprintf(" (and %d more rows)", e.Others)
	}
	return fmt.Sprintf("column %s of the row with key %s%s: %s; fill the table from its source, or let the column say on_error: null",
		e.Column, e.Key, others, e.Reason)
}

// Refuses reports whether an error is one of the plan itself: trying again does not help.
func Refuses(err error) bool {
	var (
		unfit *UnfitError
		value *ValueError
	)
	return errors.As(err, &unfit) || errors.As(err, &value)
}
