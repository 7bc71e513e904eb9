package query

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// changesParameters are those of a stream of changes that are no filters.
var changesParameters = []string{"numbers", "select", "snapshot"}

// ChangesParameters returns the names of the parameters that ParseChanges knows
// beside the filters, sorted.
func ChangesParameters() []string { return slices.Clone(changesParameters) }

// ParseChanges reads the raw query string of a stream of changes: filters, select
// without aggregates, numbers, and snapshot, which asks for the rows that are there
// first. Mistakes are of type *Error.
func ParseChanges(raw string, t *tables.Table) (q *Request, snapshot bool, err error) {
	params, err := split(raw)
	if err != nil {
		return nil, false, err
	}
	p := &parser{t: t, mode: Stream, out: &Request{Query: Query{Limit: NoLimit}}}
	for _, kv := range params {
		_, known := reserved[kv.name]
		switch {
		case kv.name == "snapshot":
			if kv.value != "true" && kv.value != "false" {
				return nil, false, badParameter("snapshot", "", "true or false was expected, not %s", Quote(kv.value))
			}
			snapshot = kv.value == "true"
		case known && !slices.Contains(changesParameters, kv.name):
			return nil, false, &Error{
				Problem: UnknownParameter, Field: clip(kv.name), Detail: "a stream of changes takes no parameter " + Quote(kv.name),
				Hint: didYouMean(kv.name, changesParameters, "beside filters the parameters are"),
			}
		default:
			if err := p.param(kv); err != nil {
				return nil, false, err
			}
		}
	}
	if err := p.finish(); err != nil {
		return nil, false, err
	}
	if p.out.Aggregates() {
		return nil, false, badParameter("select", "", "a stream of changes has rows, not aggregates")
	}
	return p.out, snapshot, nil
}
