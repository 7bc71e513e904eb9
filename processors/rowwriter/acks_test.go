package rowwriter

import (
	"errors"
	"testing"
)

var errAway = errors.New("the broker is away")

func TestAcksTellOnceWithTheFirstError(t *testing.T) {
	var reported []error
	g := NewAcks(func(err error) { reported = append(reported, err) })
	a, b := g.DeferCommit(), g.DeferCommit()
	a(ErrHole)
	g.Close(nil)
	if len(reported) != 0 {
		t.Fatal("told before all were done")
	}
	b(errAway)
	if len(reported) != 1 || reported[0] != ErrHole {
		t.Errorf("told %v", reported)
	}
}
