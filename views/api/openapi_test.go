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

var routeLine = regexp.MustCompile(`\{path: (t?)(?: \+ )?(?:"([^"]*)")?`)

// routes reads the list of the routes as it stands in the code.
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
