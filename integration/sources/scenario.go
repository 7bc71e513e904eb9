package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidemark/tidemark/integration/harness"
)

// keysOf are how the keys of rows end in JSON: "id":1}.
func keysOf(rows []map[string]any, key []string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%q:%s}", key[0], r[key[0]]))
	}
	return out
}

// member is a value as HTTP answers it.
func (c column) member(s Settings, text []byte) (any, error) {
	if text == nil {
		return nil, nil
	}
	value, err := c.wanted(s, text)
	if err != nil {
		return nil, err
	}
	switch typ := c.declare(s)["type"].(string); {
	case typ == "json", typ == "bool", typ == "int64", strings.HasPrefix(typ, "decimal"):
		return json.RawMessage(value), nil
	}
	return value, nil
}

// withStale adds the rows that only the topic has.
func (r Recipe) withStale(rows []map[string]any) ([]map[string]any, error) {
	if r.stale == "" {
		return rows, nil
	}
	var more []map[string]any
	if err := harness.Decode([]byte(r.stale), &more); err != nil {
		return nil, err
	}
	return append(rows, more...), nil
}

// Write lays the scenario into a folder of its name below dir.
func (c Captured) Write(dir, origin string) error {
	folder := filepath.Join(dir, c.Recipe.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	half := len(c.Events) / 2
	if err := harness.WriteEvents(filepath.Join(folder, "events.ndjson"), c.Events[:half]); err != nil {
		return err
	}
	if err := harness.WriteEvents(filepath.Join(folder, "events2.ndjson"), c.Events[half:]); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(folder, "rows.json"), c.Rows); err != nil {
		return err
	}
	r := c.Recipe
	declared := table(r.Name, r.Name, r.settings, r.key, r.columns)
	if r.partitioner != "" {
		declared["source"].(harness.M)["partitioner"] = r.partitioner
	}
	return writeJSON(filepath.Join(folder, "scenario.json"), map[string]any{
		"about": r.About, "origin": origin, "partitions": r.partitions, "table": declared,
		"steps": []map[string]any{
			{"produce": "events.ndjson"}, {"batch": true}, {"produce": "events2.ndjson"}, {"expect": "rows.json"}, {"batch": true},
			{"dead_letters": []string{}},
		},
	})
}

func writeJSON(path string, v any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// Capture follows the recipe and writes its scenario.
func (s Servers) Capture(ctx context.Context, r Recipe, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, captureTimeout)
	defer cancel()
	c, err := s.Follow(ctx, r)
	if err != nil {
		return fmt.Errorf("capture %s: %w", r.Name, err)
	}
	origin := "captured: Debezium 3.7.0.Final for PostgreSQL 15, Kafka Connect 4.3.1, JsonConverter"
	if r.mariadb {
		origin = "captured: Debezium 3.5.0.Final for MariaDB 10.11, Kafka Connect 4.3.1, JsonConverter"
	}
	return c.Write(dir, origin)
}
