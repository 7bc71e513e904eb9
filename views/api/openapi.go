package api

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// object is a JSON object of the OpenAPI document, which is made once.
type object map[string]any

// openAPIDocument answers GET /v1/openapi.json.
func (a *API) openAPIDocument(*call) (answer, error) {
	document := *a.openapi.Load()
	return answer{contentType: typeJSON, etag: contentTag(document), body: document}, nil
}

// openAPI returns the document of the routes and the tables.
func (a *API) openAPI() []byte {
	schemas := object{"Problem": problemSchema(), "Batch": batchSchema(), "Statistics": statisticsSchema(), "Explain": explainSchema(), "Table": tableSchema()}
	for _, name := range a.names {
		schemas[name] = rowSchema(a.at(name).def)
	}
	paths := object{}
	for _, r := range a.routes {
		for path, item := range a.pathItems(r) {
			paths[path] = item
		}
	}
	b, err := json.MarshalIndent(object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Tidemark", "version": a.Version, "description": "Live tables: the latest state of every key of a CDC topic."},
		"paths":      paths,
		"components": object{"schemas": schemas},
	}, "", " ")
	if err != nil {
		panic(err) // maps of strings, numbers and bools cannot fail
	}
	return append(b, '\n')
}

var pathVariable = regexp.MustCompile(`\{(\w+)(?::([^}]*))?\}`)

// pathItems describes a route: once where no table is in its path, else once for each.
func (a *API) pathItems(r *route) object {
	path := pathVariable.ReplaceAllString(r.path, "{$1}")
	if !strings.Contains(path, "{table}") {
		return object{path: a.pathItem(r, path, nil)}
	}
	out := object{}
	for _, name := range a.names {
		p := strings.Replace(path, "{table}", name, 1)
		out[p] = a.pathItem(r, p, a.at(name).def)
	}
	return out
}

func (a *API) pathItem(r *route, path string, t *tables.Table) object {
	item := object{}
	if params := pathParameters(r.path, t); len(params) > 0 {
		item["parameters"] = params
	}
	add := func(method string, h handler) {
		if h == nil {
			return
		}
		id := r.operation
		if method == "post" && r.get != nil {
			id = posts[id]
		}
		if t != nil {
			id += "_" + t.Name
		}
		op := object{"operationId": id, "summary": summaries[r.operation], "responses": responses(r.operation, method, t)}
		if t != nil {
			op["tags"] = []string{t.Name}
			if params := parameters(r.operation, method, t); len(params) > 0 {
				op["parameters"] = params
			}
		}
		if r.operation == "lookup" {
			op["requestBody"] = jsonContent("the keys", object{
				"type": "object", "required": []string{"keys"}, "additionalProperties": false,
				"properties": object{"keys": object{"type": "array", "maxItems": maxLookup, "items": object{}}},
			})
		}
		if method == "post" && (r.operation == "getRows" || r.operation == "getRowsAs") {
			op["requestBody"] = object{"description": "the parameters, where they are too long for a URL", "content": object{typeForm: object{
				"schema": object{"type": "object", "additionalProperties": object{"type": "string"}},
			}}}
		}
		item[method] = op
	}
	add("get", r.get)
	add("post", r.post)
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
	"getTable": "A table: its columns, and where it stands.", "getTables": "The tables.", "getOpenAPI": "This document.",
	"replay":  "Build the table anew from its source, beside the one that is read.",
	"getLive": "Whether the process serves.", "getReady": "Whether every table can be read, and how far each has come.",
	"getMetrics": "Metrics in the format of Prometheus.",
}
