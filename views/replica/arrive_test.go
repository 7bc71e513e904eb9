package replica

import (
	"errors"
	"testing"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// A replica that begins at the end of its topics is there at once, but for its rollups: a
// view that says that it is ready has them, too.
func TestASessionHasNotArrivedBeforeItsRollupsHaveCountedItsRows(t *testing.T) {
	s := written(t, tables.Position{0}, tables.Position{0}, rows.Position{}).s
	over := errors.New("over")
	s.err, s.ended = over, make(chan struct{})
	close(s.ended)
	if err := s.Arrive(nil, nil); !errors.Is(err, over) {
		t.Errorf("before its rollups have counted: %v, want to wait until it is over", err)
	}
	if err := s.count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Arrive(nil, nil); err != nil {
		t.Errorf("with its rollups: %v", err)
	}
}
