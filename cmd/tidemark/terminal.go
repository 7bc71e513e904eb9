package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal reports whether a person may be reading what is written there.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// spin shows that something long goes on, when standard error is a terminal. What
// it wrote is gone when stop returns; stop may be called again.
func (p *program) spin(what string) (stop func()) {
	if !isTerminal(p.stderr) {
		return func() {}
	}
	const dots = 14 // the number of the spinner's look in the library
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSpinnerType(dots), progressbar.OptionClearOnFinish())
	done := make(chan struct{})
	var turning sync.WaitGroup
	turning.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				_ = bar.Finish() // it is talk: nobody is told that it could not be written
				return
			case <-tick.C:
				_ = bar.Add(1)
			}
		}
	})
	return sync.OnceFunc(func() {
		close(done)
		turning.Wait()
	})
}
