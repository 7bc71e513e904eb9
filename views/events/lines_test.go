package events_test

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/tidemark/tidemark/hooks"
	"github.com/tidemark/tidemark/hooks/hookstest"
	"github.com/tidemark/tidemark/views/events"
)

func TestEveryEventHasALine(t *testing.T) { hookstest.CheckLines[events.Listener](t, nil) }

// TestLinesThatDependOnTheEvent has the events whose line is not always the same.
func TestLinesThatDependOnTheEvent(t *testing.T) {
	bad := errors.New("bad")
	for _, c := range []struct {
		event hooks.Event
		want  string
	}{
		{events.RowsNotClosed{Err: bad}, "WARN rows were not closed well error=bad"},
		{events.RowsNotClosed{Old: true, Err: bad}, "WARN old rows were not closed well error=bad"},
		{events.RecordUnreadable{What: "manifest", Partition: events.NoPlace, Offset: 3, Err: bad},
			"ERROR manifest cannot be read and is left out, as are others of its kind offset=3 error=bad"},
		{events.RecordUnreadable{What: "changelog record", Partition: 0, Offset: 0, Err: bad, Known: true},
			"DEBUG changelog record cannot be read and is left out, as are others of its kind partition=0 offset=0 error=bad"},
		{events.RecordUnreadable{What: "change of the changelog", Partition: events.NoPlace, Offset: events.NoPlace, Err: bad},
			"ERROR change of the changelog cannot be read and is left out, as are others of its kind error=bad"},
		{events.AnswerCutOff{Path: "/v1", Err: bad}, `DEBUG answer cut off path="/v1" error=bad`},
		{events.AnswerCutOff{ID: "x", Path: "/v1", Err: bad}, `ERROR answer cut off request_id="x" path="/v1" error=bad`},
		{events.RequestFailed{ID: "x", Method: "GET", Path: "/", Status: 503, Err: bad, Level: slog.LevelWarn},
			`WARN request not answered request_id="x" method="GET" path="/" status=503 error=bad`},
	} {
		if got := c.event.Line().String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
