package processors

import (
	"context"
	"log/slog"
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

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
