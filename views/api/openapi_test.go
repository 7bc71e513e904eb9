package api_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type openAPI struct {
	OpenAPI    string
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct{ Properties map[string]any }
	}
}

func document(t *testing.T, w *world) openAPI {
	t.Helper()
	var doc openAPI
	if err := json.Unmarshal([]byte(w.get(200, "/v1/openapi.json")), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestOpenAPIDescribesEveryRoute asks every path of the document with every method,
// and the other way round: what is served must be described.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	w := newWorld(t, nil, orders(t), prices(t))
	doc := document(t, w)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("version %s", doc.OpenAPI)
	}
	example := strings.NewReplacer("{key}", "1", "{format}", "csv", "{batch}", "17")
	for path, item := range doc.Paths {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			asked := method
			if strings.HasSuffix(path, "/changes") && method == "GET" {
				asked = "HEAD" // its answer would never end
			}
			res, _ := w.do(asked, example.Replace(path), "")
			_, described := item[strings.ToLower(method)]
			if served := res.StatusCode != 404 && res.StatusCode != 405; served != described {
				t.Errorf("%s %s: served %v, described %v: %s", method, path, served, described, res.Status)
			}
		}
	}
	var got []string
	for path := range doc.Paths {
		got = append(got, path)
	}
	for _, path := range routes(t, "orders", "prices") {
		if !slices.Contains(got, path) {
			t.Errorf("%s is served and not described", path)
		}
	}
}

var routeLine = regexp.MustCompile(`\{Path: (t?)(?: \+ )?(?:"([^"]*)")?`)

// routes reads the list of the routes as it is in the code.
func routes(t *testing.T, names ...string) []string {
	t.Helper()
	var out []string
	for _, m := range routeLine.FindAllStringSubmatch(source(t, "routes.go"), -1) {
		path := regexp.MustCompile(`\{(\w+):[^}]*\}`).ReplaceAllString(m[2], "{$1}")
		if m[1] == "" {
			out = append(out, path)
			continue
		}
		for _, n := range names {
			out = append(out, "/v1/tables/"+n+path)
		}
	}
	if len(out) < 12 {
		t.Fatalf("%d routes were found in the code", len(out))
	}
	return out
}

func TestOpenAPIHasASchemaForEveryTable(t *testing.T) {
	l := orders(t)
	doc := document(t, newWorld(t, nil, l, prices(t)))
	for _, c := range l.table.Columns {
		if _, ok := doc.Components.Schemas["orders"].Properties[c.Name]; !ok {
			t.Errorf("the column %s is not in the schema", c.Name)
		}
	}
	if len(doc.Components.Schemas["prices"].Properties) != 3 {
		t.Errorf("prices has %d properties", len(doc.Components.Schemas["prices"].Properties))
	}
}

// TestOpenAPIRefersToSchemasThatAreThere follows every $ref.
func TestOpenAPIRefersToSchemasThatAreThere(t *testing.T) {
	w := newWorld(t, nil, orders(t))
	doc := document(t, w)
	for _, m := range regexp.MustCompile(`"\$ref": ?"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(w.get(200, "/v1/openapi.json"), -1) {
		if _, ok := doc.Components.Schemas[m[1]]; !ok {
			t.Errorf("no schema %s", m[1])
		}
	}
}

// TestOpenAPIHasTheFormThatValidatorsAskFor walks the document by the rules of OpenAPI 3.1 and
// JSON Schema that readers of it trip over: no null, arrays with items, 304 described.
func TestOpenAPIHasTheFormThatValidatorsAskFor(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal([]byte(newWorld(t, nil, orders(t), numbers(t)).get(200, "/v1/openapi.json")), &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			t.Errorf("%s is null", path)
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		case map[string]any:
			if v["type"] == "array" && v["items"] == nil {
				t.Errorf("%s is an array of anything", path)
			}
			if responses, ok := v["responses"].(map[string]any); ok {
				for status, r := range responses {
					if d, _ := r.(map[string]any)["description"].(string); d == "" {
						t.Errorf("%s: %s has no description", path, status)
					}
				}
			}
			for name, e := range v {
				walk(path+"/"+name, e)
			}
		}
	}
	walk("", doc)
	paths := doc["paths"].(map[string]any)
	for _, p := range []string{"/v1/tables/orders/rows", "/v1/tables/orders/rows/{key}", "/v1/tables/orders/rows.{format}", "/v1/tables/orders/batches/{batch}.parquet"} {
		get := paths[p].(map[string]any)["get"].(map[string]any)
		if get["responses"].(map[string]any)["304"] == nil {
			t.Errorf("%s: 304 is sent and not described", p)
		}
	}
	types := map[string]string{"limit": "integer", "offset": "integer", "as_of": "integer", "document": "boolean", "explain": "boolean", "select": "string"}
	for _, p := range paths["/v1/tables/orders/rows"].(map[string]any)["get"].(map[string]any)["parameters"].([]any) {
		p := p.(map[string]any)
		name := p["name"].(string)
		if want, ok := types[name]; ok && p["schema"].(map[string]any)["type"] != want {
			t.Errorf("%s is %v, want %s", name, p["schema"], want)
		}
		if text := p["description"].(string); strings.HasPrefix(text, "a filter of extra ") && strings.Contains(text, "eq.") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
