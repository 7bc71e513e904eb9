package rowwriter

import (
	"errors"
	"testing"
)

var errAway = errors.New("the broker is away")

func TestAcksTellOnceWithTheFirstError(t *testing.T) {
	var told []error
	g := NewAcks(func(err error) { told = append(told, err) })
	a, b := g.DeferCommit(), g.DeferCommit()
	a(ErrHole)
	g.Close(nil)
	if len(told) != 0 {
		t.Fatal("told before all were done")
	}
	b(errAway)
	if len(told) != 1 || told[0] != ErrHole {
		t.Errorf("told %v", told)
	}
}
