package main

import (
	"context"
	"errors"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// The exit codes of every command.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNotFound = 3
	exitDiffers  = 4
)

// codeError is an error that says with which code the program ends.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

func usage(err error) error    { return &codeError{exitUsage, err} }
func notFound(err error) error { return &codeError{exitNotFound, err} }

// errDiffers ends a command that has reported what it found.
var errDiffers = &codeError{exitDiffers, errors.New("problems were found")}

// exitCode returns the code that an error ends the program with. A configuration
// that cannot be accepted is a wrong use of the program.
func exitCode(err error) int {
	var coded *codeError
	var faults config.Faults
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &faults):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitDone // it was asked to stop, and did
	}
	return exitFailed
}
