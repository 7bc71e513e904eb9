package gokaglue

import (
	"errors"
	"testing"

	"github.com/lovoo/goka"
)

type gokaContext = goka.Context // its name must not hide a method

// overContext is goka's context once the run is over: its Fail returns, and the message is done
// when everything that was deferred is, without an error.
type overContext struct {
	gokaContext
	done []error
}

func (*overContext) Fail(error) {}
func (c *overContext) DeferCommit() func(error) {
	return func(err error) { c.done = append(c.done, err) }
}

// A record whose callback fails while the run ends is not done: the next run meets it again.
func TestARecordThatFailsWhileTheRunEndsIsNotDone(t *testing.T) {
	away := errors.New("the disk is away")
	c := callbacks{Options: &Options{
		OnSource:  func(Message) error { return away },
		OnControl: func(Message, []byte) error { return away },
	}}
	for name, callback := range map[string]func(goka.Context, any){"source": c.source, "control": c.control} {
		over := &overContext{}
		callback(over, nil)
		if !errors.Is(errors.Join(over.done...), away) {
			t.Errorf("%s: the record is done although its callback has failed", name)
		}
	}
}
