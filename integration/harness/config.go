package harness

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// M is a mapping of a configuration file.
type M = map[string]any

// Config is what a configuration file holds besides the connection, the data
// directory and the listen address, which the harness fills in.
type Config struct {
	Tables []M
	Extra  M // more top-level keys
	// Registry is the address of a schema registry; empty for none.
	Registry string
}

// Col declares a column: name, type, and pairs of further keys and values.
func Col(name, typ string, more ...any) M {
	c := M{"name": name, "type": typ}
	for i := 0; i+1 < len(more); i += 2 {
		c[more[i].(string)] = more[i+1]
	}
	return c
}

// Table declares a table whose batches are taken on demand.
func Table(name, topic, format string, key []string, columns ...M) M {
	return M{
		"name": name, "source": M{"topic": topic, "format": format}, "key": key, "columns": columns,
		"batch": M{"schedule": "@on-demand"},
	}
}

// write lays the file into dir and returns its path and the table's source topics.
func (c Config) write(t testing.TB, dir, listen string, brokers []string, prefix string) (string, map[string]string) {
	t.Helper()
	all := M{
		"kafka":    M{"brokers": brokers, "topic_prefix": prefix, "replication_factor": 1},
		"data_dir": filepath.Join(dir, "data"),
		"http":     M{"listen": listen},
	}
	if c.Tables != nil { // else they are in files that Extra includes
		all["tables"] = c.Tables
	}
	if c.Registry != "" {
		all["kafka"].(M)["schema_registry"] = M{"url": c.Registry}
	}
	for k, v := range c.Extra {
		all[k] = v
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tidemark.yaml")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, table := range c.Tables {
		sources[table["name"].(string)] = table["source"].(M)["topic"].(string)
	}
	return path, sources
}

// freeAddr returns a loopback address that was free a moment ago.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
