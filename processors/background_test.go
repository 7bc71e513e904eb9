package processors

import (
	"errors"
	"sync"
	"testing"
)

// Acknowledgements may come while a run ends, and after.
func TestNothingBeginsBehindTheEndOfARun(t *testing.T) {
	for range 200 {
		var b background
		var acks sync.WaitGroup
		running := make(chan struct{})
		var closed bool
		var mu sync.Mutex
		b.begin(func() { <-running })
		for range 4 {
			acks.Go(func() {
				for range 50 {
					b.begin(func() {
						mu.Lock()
						defer mu.Unlock()
						if closed {
							t.Error("something runs behind the end")
						}
					})
				}
			})
		}
		close(running)
		b.end()
		mu.Lock()
		closed = true
		mu.Unlock()
		acks.Wait()
		if b.begin(func() {}) {
			t.Fatal("something begins behind the end")
		}
	}
}

// A truncate's confirmation that is due when the run is over must not keep goka waiting.
func TestARunThatIsOverAnswersWhatIsLate(t *testing.T) {
	var r run
	r.background.end()
	var got error
	r.later(func() {}, func(err error) { got = err })
	if !errors.Is(got, errRunOver) {
		t.Errorf("told %v", got)
	}
}
