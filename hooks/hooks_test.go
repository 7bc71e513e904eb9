package hooks_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tidemark/tidemark/hooks"
)

type opened struct {
	Name string
	Took time.Duration
}

func (e opened) Line() hooks.Line { return hooks.Info("opened", "name", e.Name, "took", e.Took) }

type failed struct {
	Door int
	Err  error
}

func (e failed) Line() hooks.Line { return hooks.Warn("failed", "door", e.Door, "error", e.Err) }

func (e *failed) at(door int) { e.Door = door }

type listener struct {
	Opened hooks.On[opened]
	Failed hooks.On[failed]
}

// tell calls a listener with one event of each kind.
func tell(l *listener) {
	l.Opened(opened{"front", time.Second})
	l.Failed(failed{7, errors.New("locked")})
}

func TestNilFuncsIgnore(t *testing.T) {
	tell(hooks.EnsureDefaults[listener](nil))
	n := 0
	some := &listener{Failed: func(failed) { n++ }}
	tell(hooks.EnsureDefaults(some))
	if n != 1 {
		t.Errorf("the func that was given was called %d times, want once", n)
	}
}

func TestTeeTellsAllInTheirOrder(t *testing.T) {
	var told []string
	note := func(who string) *listener {
		return hooks.Each[listener](func(e hooks.Event) { told = append(told, who+" "+e.Line().Message) })
	}
	half := &listener{Failed: func(failed) { told = append(told, "half failed") }}
	tell(hooks.Tee(note("a"), nil, half, note("b")))
	want := []string{"a opened", "b opened", "a failed", "half failed", "b failed"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if l := hooks.Tee(nil, half); l.Opened != nil {
		t.Error("a kind that nobody listens to has a func")
	}
}

// TestAlteredEventsAreHandedOn lets a scope say what its events have in common; the caller keeps
// what it has.
func TestAlteredEventsAreHandedOn(t *testing.T) {
	var lines []string
	all := hooks.Each[listener](func(e hooks.Event) { lines = append(lines, e.Line().String()) })
	all.Opened = nil
	l := hooks.EnsureDefaults(hooks.Alter(all, func(e any) {
		if of, ok := e.(interface{ at(int) }); ok {
			of.at(3)
		}
	}))
	tell(l)
	if want := []string{"WARN failed door=3 error=locked"}; !slices.Equal(lines, want) {
		t.Errorf("told %q, want %q", lines, want)
	}
}

func TestLinesLeaveOutWhatIsMeasured(t *testing.T) {
	got := hooks.Error("m", "at", time.Now(), "took", time.Second, "name", "a b", "n", 3, "error", error(nil)).String()
	if want := `ERROR m name="a b" n=3 error=<nil>`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTheLogHasWhatALogCallHas compares with slog's own calls.
func TestTheLogHasWhatALogCallHas(t *testing.T) {
	var got, want bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	told := hooks.Log(slog.New(slog.NewJSONHandler(&got, options)).With("table", "orders"))
	log := slog.New(slog.NewJSONHandler(&want, options)).With("table", "orders")
	err := errors.New("locked")
	told(opened{"front", time.Second})
	log.Info("opened", "name", "front", "took", time.Second)
	told(failed{7, err})
	log.Warn("failed", "door", 7, "error", err)
	told(silent{})
	if got.String() != want.String() {
		t.Errorf("the log has\n%s\nwant\n%s", got.String(), want.String())
	}
}

type silent struct{}

func (silent) Line() hooks.Line { return hooks.Debug("is not written") }
