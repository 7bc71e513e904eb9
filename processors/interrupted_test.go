package processors

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/lovoo/goka"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

type gokaContext = goka.Context // its name must not hide a method

// overContext is goka's context once the run is over: its Fail returns, and the message is done
// when everything that was deferred is, without an error.
type overContext struct {
	gokaContext
	told []error
}

func (*overContext) Offset() int64 { return 7 }
func (*overContext) Fail(error)    {}
func (c *overContext) DeferCommit() func(error) {
	return func(err error) { c.told = append(c.told, err) }
}
func (c *overContext) committed() (committed bool) { return errors.Join(c.told...) == nil }

// A record whose callback fails while the run ends is not done: the next run meets it again.
func TestARecordThatFailsWhileTheRunEndsIsNotDone(t *testing.T) {
	r := &run{claim: &claim{queue: newPending(0, 10, 1000), controls: newPending(0, 10, 1000)}}
	for name, callback := range map[string]func(goka.Context, any){"source": r.onSource, "control": r.onControl} {
		c := &overContext{}
		callback(c, nil)
		if c.committed() {
			t.Errorf("%s: the record is done although its callback has failed", name)
		}
	}
}

// A truncate that is interrupted has left rows: it is not done.
func TestATruncateThatIsInterruptedIsNotDone(t *testing.T) {
	s, err := state.Open(state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	b := wire.AppendStateRow(nil, 0, &tables.Row{Offset: 1})
	if err := s.Put("k", b, state.Origin{Offset: 1}, false); err != nil {
		t.Fatal(err)
	}
	ctx, over := context.WithCancel(t.Context())
	over()
	r := &run{claim: &claim{}, store: s, ctx: ctx, logger: slog.New(slog.DiscardHandler)}
	var told []error
	tr := &truncation{offset: 5, all: rowwriter.NewAcks(func(err error) { told = append(told, err) })}
	if err := r.truncateHere(tr); err == nil {
		t.Error("the truncate has not failed")
	}
	if len(told) != 1 || told[0] == nil {
		t.Errorf("told %v, want that it is not done", told)
	}
}
