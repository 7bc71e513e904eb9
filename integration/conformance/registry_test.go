package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// registered is a schema as a registry answers it, but for its text.
type registered struct {
	ID         int             `json:"id"`
	GUID       string          `json:"guid"`
	Subject    string          `json:"subject"`
	Version    int             `json:"version"`
	Schema     json.RawMessage `json:"schema"`
	References []any           `json:"references,omitempty"`
}

// startRegistry serves the schemas of scenarios and returns its address.
func startRegistry(t *testing.T, all []*Scenario) string {
	t.Helper()
	found := map[string]registered{}
	for _, s := range all {
		if s.Schemas == "" {
			continue
		}
		text, err := os.ReadFile(s.path(s.Schemas))
		if err != nil {
			t.Fatal(err)
		}
		var list []registered
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		for _, r := range list {
			for _, path := range []string{
				fmt.Sprintf("/schemas/ids/%d", r.ID), "/schemas/guids/" + r.GUID, fmt.Sprintf("/subjects/%s/versions/%d", r.Subject, r.Version),
			} {
				if _, twice := found[path]; twice {
					t.Fatalf("%s: %s is used twice", s.Name, path)
				}
				found[path] = r
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = map[string]any{"error_code": 40403, "message": "Schema not found"}
		if s, ok := found[r.URL.Path]; ok {
			answer = map[string]any{
				"id": s.ID, "guid": s.GUID, "subject": s.Subject, "version": s.Version, "schema": string(s.Schema), "references": s.References,
			}
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
