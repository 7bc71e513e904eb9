package views

import (
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Health is how well the table is, by what its processors report and what the view sees.
func (v *View) Health() tables.Health {
	out := v.parts.Health.Sum(v.Snapshot().Rows(), v.runs.Reached())
	if n := int64(v.keys().Unsettled()); n > 0 {
		out.Unsettled += n
		out.Add(tables.Trouble{
			Reason: tables.UnsettledKeys,
			Text: fmt.Sprintf("%d keys have changes in several partitions, of which neither the database's log nor a clock says which is later; "+
				"the one that came last is served", n),
		})
	}
	switch err := v.runs.Refused(); {
	case errors.Is(err, kafka.ErrNoSource):
		out.Add(tables.Trouble{Reason: tables.SourceMissing, Text: err.Error(), Stops: true})
	case err != nil:
		out.Add(tables.Trouble{Reason: tables.SourceRecreated, Text: err.Error(), Stops: true})
	case !v.Ready():
		out.Add(tables.Trouble{Reason: tables.Building, Text: v.Status().Note})
	}
	return out
}
