package openapi

import (
	"encoding/json"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/web"
)

// Document returns the document of the routes and the tables, for a version of the program.
func Document(version string, routes []*web.Route, all []*tables.Table) []byte {
	schemas := object{"Problem": problemSchema(), "Batch": batchSchema(), "Statistics": statisticsSchema(), "Explain": explainSchema(), "Table": tableSchema()}
	for _, t := range all {
		schemas[t.Name] = rowSchema(t)
	}
	paths := object{}
	for _, r := range routes {
		for path, item := range pathItems(r, all) {
			paths[path] = item
		}
	}
	b, err := json.MarshalIndent(object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Tidemark", "version": version, "description": "Live tables: the latest state of every key of a CDC topic."},
		"paths":      paths,
		"components": object{"schemas": schemas},
	}, "", " ")
	if err != nil {
		panic(err) // maps of strings, numbers and bools cannot fail
	}
	return append(b, '\n')
}
