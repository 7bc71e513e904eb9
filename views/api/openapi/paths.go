package openapi

import (
	"regexp"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/web"
)

var pathVariable = regexp.MustCompile(`\{(\w+)(?::([^}]*))?\}`)

// pathItems describes a route: once where no table is in its path, else once for each.
func pathItems(r *web.Route, all []*tables.Table) object {
	path := pathVariable.ReplaceAllString(r.Path, "{$1}")
	if !strings.Contains(path, "{table}") {
		return object{path: pathItem(r, nil)}
	}
	out := object{}
	for _, t := range all {
		out[strings.Replace(path, "{table}", t.Name, 1)] = pathItem(r, t)
	}
	return out
}

func pathItem(r *web.Route, t *tables.Table) object {
	item := object{}
	if params := pathParameters(r.Path, t); len(params) > 0 {
		item["parameters"] = params
	}
	add := func(method string, h web.Handler) {
		if h == nil {
			return
		}
		id := r.Operation
		if method == "post" && r.Get != nil {
			id = posts[id]
		}
		if t != nil {
			id += "_" + t.Name
		}
		op := object{"operationId": id, "summary": summaries[r.Operation], "responses": responses(r.Operation, method, t)}
		if t != nil {
			op["tags"] = []string{t.Name}
			if params := parameters(r.Operation, method, t); len(params) > 0 {
				op["parameters"] = params
			}
		}
		if r.Operation == "lookup" {
			op["requestBody"] = jsonContent("the keys", object{
				"type": "object", "required": []string{"keys"}, "additionalProperties": false,
				"properties": object{"keys": object{"type": "array", "maxItems": ask.MaxLookup, "items": object{}}},
			})
		}
		if method == "post" && (r.Operation == "getRows" || r.Operation == "getRowsAs") {
			op["requestBody"] = object{"description": "the parameters, where they are too long for a URL", "content": object{ask.TypeForm: object{
				"schema": object{"type": "object", "additionalProperties": object{"type": "string"}},
			}}}
		}
		item[method] = op
	}
	add("get", r.Get)
	add("post", r.Post)
	return item
}

// posts names the operations that POST is at paths that are read, too.
var posts = map[string]string{"batches": "take_batches", "getRows": "postRows", "getRowsAs": "postRowsAs"}

// pathParameters describes the variables of a path but the table, which is in the path by name.
func pathParameters(path string, t *tables.Table) []object {
	var out []object
	for _, m := range pathVariable.FindAllStringSubmatch(path, -1) {
		name, pattern := m[1], m[2]
		if name == "table" {
			continue
		}
		schema := object{"type": "string"}
		p := object{"name": name, "in": "path", "required": true, "schema": schema}
		switch name {
		case "format":
			schema["enum"] = strings.Split(pattern, "|")
		case "batch":
			schema["type"] = "integer"
		case "key":
			p["description"] = "the values of " + strings.Join(t.Key, ",") + ", separated by commas, each percent-encoded"
		}
		out = append(out, p)
	}
	return out
}

var summaries = map[string]string{
	"getRow": "One row, by its key.", "getRows": "Rows, filtered, ordered, grouped, a page at a time.",
	"getRowsAs": "Rows, in the form of the suffix.", "lookup": "Many rows, by their keys, in the order asked for.",
	"getChanges": "What happens to rows, as server-sent events.",
	"batches":    "The complete batches, newest first (GET); take one now (POST).", "getBatchFile": "A batch as a Parquet file.",
	"getTable": "A table: its columns, and its state.", "getTables": "The tables.", "getOpenAPI": "This document.",
	"replay":  "Build the table anew from its source, beside the one that is read.",
	"getLive": "Whether the process serves.", "getReady": "Whether every table can be read, and how far each has come.",
	"getMetrics": "Metrics in the format of Prometheus.",
}
