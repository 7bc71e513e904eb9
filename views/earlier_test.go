package views

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

func TestEarlierGoesBySourcePositionThenTime(t *testing.T) {
	row := func(lsn uint64, snapshot bool, at int64) []byte {
		return codecs.AppendStateRow(nil, 1, &tables.Row{
			Time: at, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn, Snapshot: snapshot},
		})
	}
	for name, c := range map[string]struct {
		a, b []byte
		want bool
	}{
		"lower position, later time":           {row(5, false, 9), row(6, false, 1), true},
		"higher position, earlier time":        {row(7, false, 1), row(6, false, 9), false},
		"snapshots are compared by time":       {row(9, true, 1), row(6, false, 2), true},
		"equal positions are compared by time": {row(6, false, 3), row(6, false, 2), false},
		"equal in all: the later record wins":  {row(6, false, 2), row(6, false, 2), false},
	} {
		if got, err := earlier(c.a, c.b); got != c.want || err != nil {
			t.Errorf("%s: earlier %v, %v; want %v", name, got, err, c.want)
		}
	}
	if _, err := earlier([]byte{9}, row(1, false, time.Now().UnixMicro())); err == nil {
		t.Error("bytes that are no state row compare")
	}
}
