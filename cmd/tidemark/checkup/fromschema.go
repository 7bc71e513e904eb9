package checkup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/schemacolumns"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// fromSchema returns a table whose columns come from the records' schema as a process that starts
// now would have it, and what it would take. ok is false where nothing more can be said.
func fromSchema(ctx context.Context, s kafka.Settings, t *tables.Table, schemas avro.Schemas) (whole *tables.Table, found []Finding, ok bool) {
	if t.ColumnsFrom != tables.ColumnsSchema {
		return t, nil, true
	}
	const declare = "declare the columns, or let the connector write its schema; a running table waits for it"
	state, err := generations.Read(ctx, s, t)
	if err != nil {
		return t, []Finding{{findings.Unreadable, Problem, t.Name, err.Error(), "check the rights of kafka.sasl.username: read on " + s.Names(t).Generations}}, false
	}
	told, err := schemacolumns.Read(ctx, s, t, schemas)
	if err != nil && state.Record.Number == 0 {
		return t, []Finding{{findings.FromSchema, Problem, t.Name, err.Error(), declare}}, false
	}
	if state.Record.Number == 0 {
		whole, err = schemacolumns.With(t, told)
	} else {
		whole = generations.Joined(state.Record, t, told.Columns)
		err = schemacolumns.Whole(whole)
	}
	if err != nil {
		return t, []Finding{{findings.FromSchema, Problem, t.Name, err.Error(), declare}}, false
	}
	return whole, taken(whole, state.Record.Current.Columns, told), true
}

// taken says which columns the schema adds to those that a table has, and what it leaves open.
func taken(whole *tables.Table, have []tables.Column, told drift.Told) []Finding {
	var names, doubts []string
	for i := range whole.Columns {
		c := &whole.Columns[i]
		if c.Told && !slices.ContainsFunc(have, func(h tables.Column) bool { return h.Name == c.Name }) {
			names = append(names, c.Name+" "+c.Type.String())
		}
	}
	for i, doubt := range told.Doubts {
		if at := whole.ColumnIndex(told.Columns[i].Name); doubt != "" && at >= 0 && whole.Columns[at].Told {
			doubts = append(doubts, told.Columns[i].Name+": "+doubt)
		}
	}
	var out []Finding
	if len(names) > 0 {
		out = append(out, Finding{
			findings.FromSchema, Note, whole.Name, fmt.Sprintf("the schema of the records tells columns that the table takes: %s; the key is %s", strings.Join(names, ", "), strings.Join(whole.Key, ", ")),
			"nothing is to be done; what is declared under columns counts instead",
		})
	}
	if len(doubts) > 0 {
		out = append(out, Finding{findings.FromSchema, Note, whole.Name, strings.Join(doubts, "; "), "declare the column under columns, if it is to be another"})
	}
	if missing := slices.DeleteFunc(slices.Clone(told.Typeless), func(name string) bool { return whole.ColumnIndex(name) >= 0 }); len(missing) > 0 {
		out = append(out, Finding{findings.FromSchema, Note, whole.Name, "the schema of the records names no type for " + strings.Join(missing, ", ") + ": they are in no column", "declare them under columns, with a type"})
	}
	return out
}
