package proposal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/tables"
)

// heartbeats begins the names of the topics that connectors write signs of life to.
const heartbeats = "__debezium-heartbeat"

// ErrHeartbeats is returned for a topic that holds no rows.
var ErrHeartbeats = errors.New("it is a connector's topic of heartbeats, which holds no rows")

// several says when the records, shown as JSON, come from several tables of the source: a proposal
// made of all of them would merge their rows.
func several(records []*codecs.Record, format tables.Format) string {
	seen := map[string]bool{}
	for _, r := range records {
		shape, ok := drift.ShapeOf(&tables.Table{Source: tables.Source{Format: format}}, r, nil)
		if ok && shape.Table != "" {
			seen[shape.Table] = true
		}
	}
	if len(seen) < 2 {
		return ""
	}
	names := slices.Sorted(maps.Keys(seen))
	return fmt.Sprintf("the topic holds records of %d tables, %s: the columns below are those of all of them, and rows of one would overwrite those of another. "+
		"Declare a table for each, with source.table and its own columns, or give each a topic of its own, unless they are parts of one table",
		len(names), strings.Join(names[:min(len(names), 10)], ", "))
}
