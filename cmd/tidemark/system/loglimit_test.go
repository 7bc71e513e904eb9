package system

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lines collects what is logged.
type lines struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{} // signalled when there is more, unless it is signalled already
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.wrote <- struct{}{}:
	default:
	}
	return l.buf.Write(b)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.buf.String()), "\n")
}

func limited(every time.Duration) (*lines, *logLimit, *slog.Logger) {
	out := &lines{wrote: make(chan struct{}, 1)}
	h := newLogLimit(slog.NewTextHandler(out, nil), every)
	return out, h, slog.New(h)
}

func TestLinesThatRepeatAreCounted(t *testing.T) {
	out, h, log := limited(time.Hour)
	for table := range 2 {
		l := log.With("table", fmt.Sprint("t", table))
		for i := range 10_000 {
			l.With("partition", 0).Warn("record sent to the dead letters", "offset", i, "field", "after.total",
				"reason", fmt.Sprintf("expected an int64, found %d.5", i))
		}
		l.Warn("record sent to the dead letters", "offset", 3, "field", "key", "reason", "null")
	}
	if got := out.all(); len(got) != 4 {
		t.Fatalf("%d lines before the time is over: %q", len(got), got)
	}
	h.Flush()
	got := out.all()
	if len(got) != 6 || !strings.Contains(got[5], "repeated=9999") || !strings.Contains(got[5], "offset=9999") {
		t.Fatalf("%d lines: %q", len(got), got)
	}
}

func TestWhatWasCountedIsWrittenWhenTheTimeIsOver(t *testing.T) {
	out, _, log := limited(20 * time.Millisecond)
	log.Warn("again")
	log.Warn("again")
	deadline := time.After(10 * time.Second)
	for !strings.Contains(strings.Join(out.all(), "\n"), "repeated=1") {
		select {
		case <-out.wrote:
		case <-deadline:
			t.Fatalf("what was counted is not written: %q", out.all())
		}
	}
}

func TestKindsThatAreToldApartAreBounded(t *testing.T) {
	out, h, log := limited(time.Hour)
	for i := range 3 * maxLogKinds {
		log.Warn("kind", "name", fmt.Sprint("n", i))
	}
	h.mu.Lock()
	n := len(h.kinds)
	h.mu.Unlock()
	if n > maxLogKinds+1 {
		t.Errorf("%d kinds are kept", n)
	}
	if got := len(out.all()); got != maxLogKinds+1 {
		t.Errorf("%d lines", got)
	}
	h.Flush()
	if got := out.all(); !strings.Contains(got[len(got)-1], "repeated=") {
		t.Errorf("the last line is %s", got[len(got)-1])
	}
}

func TestBrokersThatAreAwayAreToldOnceForTheProcess(t *testing.T) {
	out, h, log := limited(time.Hour)
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	h.away.Store(true)
	for table := range 100 {
		log.With("table", fmt.Sprint("t", table)).Warn("record of generations cannot be followed", "error", fmt.Errorf("look for topics: %w", refused))
	}
	log.Warn("something else", "error", errors.New("no such column"))
	if got := out.all(); len(got) != 1 || !strings.Contains(got[0], "something else") {
		t.Errorf("%d lines: %.300q", len(got), got)
	}
	h.away.Store(false)
	log.Warn("now", "error", refused)
	if got := out.all(); len(got) != 2 {
		t.Errorf("with the brokers there: %q", got)
	}
}
