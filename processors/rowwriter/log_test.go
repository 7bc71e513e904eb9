package rowwriter

import (
	"errors"
	"testing"
)

// Whatever fails first ends the run, at once: messages that wait for other partitions
// would hold goka up for a minute.
func TestTheFirstFailureOfTheChangelogEndsTheRun(t *testing.T) {
	away := errors.New("the broker is away")
	for name, fail := range map[string]func(c *log){
		"a record":          func(c *log) { _ = c.ack(-1, 7, away) },
		"another topic's":   func(c *log) { c.fail(away) },
		"a hole":            func(c *log) { _ = c.ack(9, 7, nil) },
		"one after another": func(c *log) { _ = c.ack(-1, 7, away); c.fail(away); _ = c.ack(-1, 8, away) },
	} {
		var reported []error
		c := &log{applied: func(int64) {}, broken: func(err error) { reported = append(reported, err) }}
		c.startAt(3)
		if err := c.ack(3, 6, nil); err != nil || len(reported) > 0 {
			t.Fatalf("%s: an acknowledgement: %v, %v", name, err, reported)
		}
		fail(c)
		if len(reported) != 1 || !errors.Is(reported[0], away) && !errors.Is(reported[0], ErrHole) {
			t.Errorf("%s: told of %v, want one failure", name, reported)
		}
	}
}
