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

// columnsOf is how wide a text on a terminal may be: lines longer than 100 are hard to read.
func columnsOf(w io.Writer) int {
	const least, most = 40, 100
	width := terminalWidth(w)
	if width == 0 {
		return most
	}
	return min(max(width, least), most)
}

// terminalWidth is how many columns a terminal has; 0 for what is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 0
	}
	return width
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
				_ = bar.Finish() // it is talk: nobody needs to know that it could not be written
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

// count shows how many of about total are done, when standard error is a terminal.
// stop may be called again; what was written is gone then.
func (p *program) count(what string, total int64) (step func(n int64), stop func()) {
	if !isTerminal(p.stderr) {
		return func(int64) {}, func() {}
	}
	if total <= 0 {
		total = -1
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	// It is talk: nobody needs to know that it could not be written.
	return func(n int64) { _ = bar.Add64(n) }, sync.OnceFunc(func() { _ = bar.Finish() })
}

// bar shows how far something long is, when standard error is a terminal.
type bar struct {
	what string
	line *progressbar.ProgressBar // nil: nobody looks
}

func (p *program) bar(what string) *bar {
	if !isTerminal(p.stderr) {
		return &bar{}
	}
	return &bar{what: what, line: progressbar.NewOptions64(1, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())}
}

// show moves the bar. What cannot be written is nobody's concern: it is talk.
func (b *bar) show(phase string, done, total int64, note string) {
	if b.line == nil {
		return
	}
	text := b.what + ", " + phase
	if note != "" {
		text += " (" + note + ")"
	}
	b.line.Describe(text)
	b.line.ChangeMax64(max(total, done, 1))
	_ = b.line.Set64(min(done, max(total, 1)-1)) // at its end it would go away
}

func (b *bar) end() {
	if b.line != nil {
		_ = b.line.Clear()
		b.line = nil
	}
}
