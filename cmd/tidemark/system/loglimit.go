package system

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/kafka"
)

// logEvery is how long lines of one kind are counted before they are written again.
const logEvery = 10 * time.Second

// maxLogKinds bounds the kinds that are distinguished at once. What is beyond is one kind a message.
const maxLogKinds = 1000

// logLimit lets the first line of a kind through at once, counts those that follow, and writes
// the last of them with their number when the time is over. A kind is level, message and
// attributes without what differs from line to line: offsets, numbers and texts that were found.
type logLimit struct {
	inner slog.Handler
	own   string // kind of the attributes that the logger has
	*limits
}

type limits struct {
	every time.Duration
	// away says that brokers do not answer. It is logged once for the process; what each
	// part has to say of it is only of use to who looks for a fault in the program.
	away atomic.Bool

	mu    sync.Mutex
	kinds map[string]*logKind
}

type logKind struct {
	handler slog.Handler
	last    slog.Record
	count   int
	timer   *time.Timer
}

func newLogLimit(inner slog.Handler, every time.Duration) *logLimit {
	return &logLimit{inner: inner, limits: &limits{every: every, kinds: map[string]*logKind{}}}
}

// Enabled implements slog.Handler.
func (h *logLimit) Enabled(ctx context.Context, l slog.Level) bool { return h.inner.Enabled(ctx, l) }

// WithAttrs implements slog.Handler.
func (h *logLimit) WithAttrs(attrs []slog.Attr) slog.Handler {
	own := h.own
	for _, a := range attrs {
		own += kindOf(a)
	}
	return &logLimit{inner: h.inner.WithAttrs(attrs), own: own, limits: h.limits}
}

// WithGroup implements slog.Handler.
func (h *logLimit) WithGroup(name string) slog.Handler {
	return &logLimit{inner: h.inner.WithGroup(name), own: h.own + "\x00" + name + ".", limits: h.limits}
}

// Handle implements slog.Handler.
func (h *logLimit) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo {
		return h.inner.Handle(ctx, r)
	}
	kind := r.Level.String() + "\x00" + r.Message + h.own
	unreachable := false
	r.Attrs(func(a slog.Attr) bool {
		kind += kindOf(a)
		unreachable = unreachable || h.away.Load() && tellsOfBrokers(a)
		return true
	})
	if unreachable {
		r.Level = slog.LevelDebug
		if !h.inner.Enabled(ctx, r.Level) {
			return nil
		}
		return h.inner.Handle(ctx, r)
	}
	if h.counted(kind, r) {
		return nil
	}
	return h.inner.Handle(ctx, r)
}

// counted reports whether a line is one more of its kind, to be written later.
func (h *logLimit) counted(kind string, r slog.Record) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.kinds[kind]; k != nil {
		k.count++
		k.last, k.handler = r.Clone(), h.inner
		return true
	}
	if len(h.kinds) >= maxLogKinds {
		kind = r.Level.String() + "\x00" + r.Message
		if k := h.kinds[kind]; k != nil {
			k.count++
			k.last, k.handler = r.Clone(), h.inner
			return true
		}
	}
	k := &logKind{}
	k.timer = time.AfterFunc(h.every, func() { h.over(kind) })
	h.kinds[kind] = k
	return false
}

// over writes what was counted of a kind. One of which nothing more came is forgotten.
func (l *limits) over(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kinds[kind]
	if k == nil {
		return
	}
	if k.count == 0 {
		delete(l.kinds, kind)
		return
	}
	k.write()
	k.timer.Reset(l.every)
}

func (k *logKind) write() {
	r := k.last
	r.AddAttrs(slog.Int("repeated", k.count))
	_ = k.handler.Handle(context.Background(), r)
	k.count, k.last = 0, slog.Record{}
}

// Flush writes what was counted and not written yet.
func (l *limits) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for kind, k := range l.kinds {
		k.timer.Stop()
		if k.count > 0 {
			k.write()
		}
		delete(l.kinds, kind)
	}
}

var (
	// varying are the attributes that are another for each line.
	varying = map[string]bool{"offset": true, "dead_letter": true, "after": true, "at": true, "from": true, "member": true}
	found   = regexp.MustCompile(`(?s)(, found |: [\[{"]).*`)
	quoted  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// kindText bounds how much of a text is looked at.
const kindText = 500

// kindOf is what an attribute says of its line's kind.
func kindOf(a slog.Attr) string {
	if varying[a.Key] {
		return ""
	}
	text := a.Value.String()
	if a.Key == "error" || a.Key == "reason" || a.Key == "note" || a.Key == "remedy" {
		text = text[:min(len(text), kindText)]
		text = digits.ReplaceAllString(quoted.ReplaceAllString(found.ReplaceAllString(text, ""), ""), "#")
	}
	return "\x00" + a.Key + "=" + strings.ToValidUTF8(text, "")
}

// tellsOfBrokers reports whether an attribute is an error because brokers could not be
// spoken to.
func tellsOfBrokers(a slog.Attr) bool {
	err, is := a.Value.Any().(error)
	return is && !errors.Is(err, context.Canceled) && kafka.Unreachable(err)
}
