package openapi

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// parameters describes the query and the headers of an operation on a table.
func parameters(operation, method string, t *tables.Table) []object {
	text := object{"type": "string"}
	var out []object
	switch operation {
	case "getRows", "getRowsAs":
		out = filterParameters(t, query.Reserved())
	case "getChanges":
		out = filterParameters(t, append(query.ChangesParameters(), "and", "or", "not.and", "not.or"))
		out = append(out, parameter("header", "Last-Event-ID", "the id of the last event that was seen: resume after it", text))
	case "getRow", "lookup":
		for _, name := range query.RowParameters() {
			out = append(out, parameter("query", name, parameterNotes[name], parameterSchema(name)))
		}
	case "batches":
		if method == "post" {
			out = append(out, parameter("query", "wait", "how long to wait for the batch, such as 30s; at most 5m", text))
		}
		return out
	case "replay":
		return append(out,
			parameter("query", "from", "where it begins: earliest, a time such as 2026-11-01T00:00:00Z, or offsets such as 0:1204,1:998", text),
			parameter("query", "sweep", "true removes the rows that the source no longer has", object{"type": "boolean"}),
			parameter("query", "restart", "true gives up a replay that is under way", object{"type": "boolean"}),
			parameter("query", "declared", "true takes the definition of the process's configuration, where another one is read", object{"type": "boolean"}))
	default:
		return out
	}
	out = append(out,
		parameter("header", "Tidemark-Min-Position", "the position that the answer must reflect, such as 0:1204,1:998", text),
		parameter("header", "Tidemark-Min-Source", "the same as a position of the database, such as lsn=24023128", text),
		parameter("header", "Tidemark-Wait", "how long to wait for it, at most 30s", text))
	if method == "post" {
		return out
	}
	return append(out, parameter("header", "If-None-Match", "answer 304 when nothing changed since the answer with this ETag", text))
}

func parameter(place, name, description string, schema object) object {
	return object{"name": name, "in": place, "description": description, "schema": schema}
}

// filterParameters describes a filter of each column, and the parameters of those names.
func filterParameters(t *tables.Table, names []string) []object {
	text := object{"type": "string"}
	var out []object
	for i := range t.Columns {
		c := &t.Columns[i]
		out = append(out, parameter("query", parameterName(c.Name), fmt.Sprintf("a filter of %s (%s), such as %s", c.Name, c.Type, filterExample(c.Type)), text))
	}
	for _, name := range names {
		out = append(out, parameter("query", name, parameterNotes[name], parameterSchema(name)))
	}
	return out
}

// parameterSchema describes the values of a parameter that is no filter.
func parameterSchema(name string) object {
	switch name {
	case "limit", "offset":
		return object{"type": "integer", "minimum": 0}
	case "as_of":
		return object{"type": "integer", "minimum": 1}
	case "document", "explain", "snapshot":
		return object{"type": "boolean"}
	case "numbers":
		return object{"type": "string", "enum": []string{"number", "string"}}
	}
	return object{"type": "string"}
}

// filterExample shows filters that a column of a type takes.
func filterExample(t tables.Type) string {
	switch t.Kind {
	case tables.JSON:
		return "is.null, not.is.null"
	case tables.String:
		return "eq.abc, like.a*, not.is.null"
	case tables.Bool:
		return "is.true, eq.false, not.is.null"
	}
	one := query.Example(t)
	return "eq." + one + ", gte." + one + ", not.is.null"
}

// parameterName quotes a column that has the name of a parameter.
func parameterName(column string) string {
	for _, r := range query.Reserved() {
		if r == column {
			return `"` + column + `"`
		}
	}
	return column
}

var parameterNotes = map[string]string{
	"and": "conditions that must all hold: (a.eq.1,b.is.null)", "or": "conditions of which one must hold: (a.eq.1,and(b.gt.2,c.is.null))",
	"not.and": "the opposite of and", "not.or": "the opposite of or",
	"select": "the columns, with alias:column, and aggregates such as count() and total.sum()",
	"order":  "columns with .asc, .desc, .nullsfirst, .nullslast", "limit": "rows in the answer, 100 if not given, at most 10000",
	"offset": "rows to leave out before the first", "cursor": "next of the page before", "limit_by": "rows of each group: customer_id:3",
	"as_of": "the number of a batch to read instead of the present", "document": "true adds the kept document of each row",
	"numbers": "string writes int64 and decimal as strings", "snapshot": "true sends the rows that are there as enter first",
	"explain": "true adds how the rows were found, to a page in JSON",
}
