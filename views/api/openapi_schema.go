package api

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// rowSchema describes a row of a table.
func rowSchema(t *tables.Table) object {
	props := object{}
	for i := range t.Columns {
		props[t.Columns[i].Name] = columnSchema(t.Columns[i].Type)
	}
	if t.Document == tables.DocumentKeep {
		if _, taken := props["document"]; !taken {
			props["document"] = object{"description": "the row as the source wrote it, with document=true"}
			props["document_changed"] = object{"type": "boolean", "description": "the row has changed since the instant of the answer, and its document of then is gone"}
		}
	}
	return object{"type": "object", "description": "A row of " + t.Name + ".", "properties": props}
}

// columnSchema describes the JSON of a column's values, which may be null. With
// numbers=string, integers and decimals are strings.
func columnSchema(t tables.Type) object {
	kinds := func(names ...string) []string { return append(names, "null") }
	switch t.Kind {
	case tables.Bool:
		return object{"type": kinds("boolean")}
	case tables.Int64:
		return object{"type": kinds("integer", "string"), "format": "int64"}
	case tables.Float64:
		return object{"type": kinds("number", "string"), "format": "double", "description": "NaN, Infinity and -Infinity are strings"}
	case tables.DecimalKind:
		return object{"type": kinds("number", "string"), "description": fmt.Sprintf("%s: exactly %d digits after the point", t, t.Scale)}
	case tables.JSON:
		return object{"description": "any JSON, embedded"}
	case tables.Bytes:
		return object{"type": kinds("string"), "contentEncoding": "base64"}
	case tables.UUID:
		return object{"type": kinds("string"), "format": "uuid"}
	case tables.Date:
		return object{"type": kinds("string"), "format": "date"}
	case tables.Time:
		return object{"type": kinds("string"), "description": "15:04:05.000000"}
	case tables.Timestamp:
		return object{"type": kinds("string"), "format": "date-time"}
	}
	return object{"type": kinds("string")}
}

func problemSchema() object {
	text := object{"type": "string"}
	return object{
		"type": "object", "required": []string{"type", "title", "status", "detail"},
		"properties": object{
			"type": text, "title": text, "status": object{"type": "integer"}, "detail": text, "field": text,
			"hint": text, "position": text, "source": text, "request_id": text,
		},
	}
}

func batchSchema() object {
	whole := object{"type": "integer"}
	return object{"type": "object", "properties": object{
		"batch": whole, "cut": object{"type": "object", "additionalProperties": whole}, "rows": whole, "changed": whole,
		"checksum": object{"type": "string"}, "started": object{"type": "string", "format": "date-time"}, "took_ms": whole, "bytes": whole,
		"complete": object{"type": "boolean"},
	}}
}

func statisticsSchema() object {
	return object{"type": "object", "properties": object{
		"elapsed": object{"type": "number", "description": "seconds"}, "rows_read": object{"type": "integer"},
	}}
}

func explainSchema() object {
	whole := object{"type": "integer"}
	return object{"type": "object", "description": "with explain=true: how the rows were found", "properties": object{
		"plan": object{"type": "string"}, "rows_read": whole, "blocks_passed_over": whole,
	}}
}

func tableSchema() object {
	text, whole := object{"type": "string"}, object{"type": "integer"}
	return object{"type": "object", "properties": object{
		"name": text, "rows": whole, "batch": whole, "position": text, "age_ms": whole, "ready": object{"type": "boolean"},
		"freshness": object{"type": "string", "enum": []State{Fresh, Lagging, Disconnected, Idle}},
		"memory":    object{"type": "object"}, "schema": metaSchema(), "key": object{"type": "array", "items": text},
		"sort_key": object{"type": "array", "items": text}, "document": text, "generation": object{"type": "object"},
		"state": object{"type": "string", "enum": tables.HealthStates()}, "reasons": reasonsSchema(),
		"details":      object{"type": "object", "description": "per reason what was seen, and what to do", "additionalProperties": text},
		"dead_letters": whole, "skipped": whole, "unsettled_keys": whole,
	}}
}

// reasonsSchema describes why a table is not as it should be.
func reasonsSchema() object {
	return object{"type": "array", "items": object{"type": "string", "enum": tables.Reasons()}}
}

func jsonContent(description string, schema object) object {
	return object{"description": description, "content": object{typeJSON[0]: object{"schema": schema}}}
}

// metaSchema describes the columns of an answer.
func metaSchema() object {
	text := object{"type": "string"}
	return object{"type": "array", "items": object{
		"type": "object", "required": []string{"name", "type"}, "properties": object{"name": text, "type": text},
	}}
}

// list describes {"data":[...],"rows":n} of items.
func list(items object) object {
	return object{"type": "object", "properties": object{
		"meta": metaSchema(), "data": object{"type": "array", "items": items}, "rows": object{"type": "integer"},
		"next": object{"type": "string"}, "statistics": ref("Statistics"), "explain": ref("Explain"),
	}}
}

// responses describes the answers of an operation.
func responses(operation, method string, t *tables.Table) object {
	out := object{"default": object{
		"description": "a problem", "content": object{typeProblem[0]: object{"schema": ref("Problem")}},
	}}
	file := object{"type": "string", "format": "binary"}
	switch operation {
	case "getRow":
		out["200"] = jsonContent("the row", ref(t.Name))
	case "lookup":
		out["200"] = jsonContent("the rows, null where there is none", list(object{"anyOf": []object{ref(t.Name), {"type": "null"}}}))
	case "getRows", "getRowsAs":
		content := object{}
		for _, f := range formats() {
			content[f.accepts[0]] = object{"schema": file}
		}
		content[typeJSON[0]] = object{"schema": list(ref(t.Name))}
		out["200"] = object{"description": "the rows", "content": content}
	case "batches":
		if method == "get" {
			out["200"] = jsonContent("the batches", list(ref("Batch")))
			break
		}
		out["201"] = jsonContent("the batch, complete", ref("Batch"))
		out["202"] = jsonContent("the batch is being taken", ref("Batch"))
	case "replay":
		out["202"] = jsonContent("the generation that is being built", object{
			"type": "object", "properties": object{"generation": object{"type": "integer"}},
		})
	case "getChanges":
		out["200"] = object{"description": "enter, update, leave and reset", "content": object{typeEvents[0]: object{"schema": object{"type": "string"}}}}
	case "getBatchFile":
		out["200"] = object{"description": "the file", "content": object{typeParquet[0]: object{"schema": file}}}
		out["206"] = object{"description": "the ranges that were asked for", "content": object{typeParquet[0]: object{"schema": file}}}
	case "getTable":
		out["200"] = jsonContent("the table", ref("Table"))
	case "getTables":
		out["200"] = jsonContent("the tables", list(ref("Table")))
	case "getMetrics":
		out["200"] = object{"description": "the metrics", "content": object{"text/plain": object{"schema": object{"type": "string"}}}}
	case "getReady":
		out["200"] = jsonContent("every table can be read", object{"type": "object"})
		out["503"] = jsonContent("not every table can be read", object{"type": "object"})
	default:
		out["200"] = jsonContent("the answer", object{"type": "object"})
	}
	if method == "get" && slices.Contains([]string{"getRow", "getRows", "getRowsAs", "getBatchFile"}, operation) {
		out["304"] = object{"description": "nothing has changed since the answer with the ETag of If-None-Match"}
	}
	return out
}

// parameters describes the query and the headers of an operation on a table.
func parameters(operation, method string, t *tables.Table) []object {
	text := object{"type": "string"}
	var out []object
	switch operation {
	case "getRows", "getRowsAs":
		out = filterParameters(t, query.Reserved())
	case "getChanges":
		out = filterParameters(t, append(query.ChangesParameters(), "and", "or", "not.and", "not.or"))
		out = append(out, parameter("header", "Last-Event-ID", "the id of the last event that was seen: go on behind it", text))
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
