package openapi

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/render"
)

// responses describes the answers of an operation.
func responses(operation, method string, t *tables.Table) object {
	out := object{"default": object{
		"description": "a problem", "content": object{render.TypeProblem[0]: object{"schema": ref("Problem")}},
	}}
	switch operation {
	case "getRow":
		out["200"] = jsonContent("the row", ref(t.Name))
	case "lookup":
		out["200"] = jsonContent("the rows, null where there is none", list(object{"anyOf": []object{ref(t.Name), {"type": "null"}}}))
	case "getRows", "getRowsAs":
		out["200"] = rowsContent(t)
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
		out["200"] = object{"description": "enter, update, leave and reset", "content": object{render.TypeEvents[0]: object{"schema": object{"type": "string"}}}}
	case "getBatchFile":
		out["200"] = object{"description": "the file", "content": object{render.TypeParquet[0]: object{"schema": fileSchema()}}}
		out["206"] = object{"description": "the ranges that were asked for", "content": object{render.TypeParquet[0]: object{"schema": fileSchema()}}}
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

// rowsContent describes rows in every form.
func rowsContent(t *tables.Table) object {
	content := object{}
	for _, f := range render.Formats() {
		content[f.Accepts[0]] = object{"schema": fileSchema()}
	}
	content[render.TypeJSON[0]] = object{"schema": list(ref(t.Name))}
	return object{"description": "the rows", "content": content}
}

func fileSchema() object { return object{"type": "string", "format": "binary"} }
