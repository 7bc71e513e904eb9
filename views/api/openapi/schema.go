package openapi

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
)

// object is a JSON object of the OpenAPI document, which is made once.
type object map[string]any

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
		"freshness": object{"type": "string", "enum": []live.State{live.Fresh, live.Lagging, live.Disconnected, live.Idle}},
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
	return object{"description": description, "content": object{render.TypeJSON[0]: object{"schema": schema}}}
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
