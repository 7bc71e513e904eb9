package integration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// fixturesVariable names one more folder with event files of other projects and an
// expected.json that holds, per file, the rows that a correct consumer ends with.
const fixturesVariable = "TIDEMARK_FIXTURES"

// The tables of the files. Files of formats that are not built are in expected.json too.
var fixtureTables = map[string]func(topic string) m{
	"flink/debezium-data-schema-include.txt":          products,
	"flink/debezium-data-schema-exclude.txt":          products,
	"flink/debezium-postgres-data-schema-include.txt": products,
	"flink/debezium-postgres-data-schema-exclude.txt": products,
	"risingwave/debezium_log.1":                       people,
	"risingwave/debezium_log_no_schema_field.1":       people,
	"own/debezium-parts.txt":                          parts,
	"own/flattened-places.txt":                        places,
	"own/upsert-numbers.txt":                          numbers,
	"risingwave/upsert_json.1": func(topic string) m {
		return harness.Table("t", topic, "upsert-json", []string{"ID"},
			harness.Col("ID", "int64"), harness.Col("firstName", "string"), harness.Col("lastName", "string"),
			harness.Col("age", "int64"), harness.Col("height", "float64"), harness.Col("weight", "float64"))
	},
}

func products(topic string) m {
	return harness.Table("t", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("name", "string"), harness.Col("description", "string"),
		harness.Col("weight", "float64"))
}

func people(topic string) m {
	return harness.Table("t", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("first_name", "string"), harness.Col("last_name", "string"),
		harness.Col("email", "string"))
}

func parts(topic string) m {
	return harness.Table("t", topic, "debezium-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("name", "string"),
		harness.Col("price", "decimal(10,2)", "encoding", "decimal_base64"), harness.Col("weight", "float64"))
}

func places(topic string) m {
	return harness.Table("t", topic, "flattened-json", []string{"id"},
		harness.Col("id", "int64"), harness.Col("city", "string"), harness.Col("day", "date"))
}

func numbers(topic string) m {
	return harness.Table("t", topic, "upsert-json", []string{"id"}, harness.Col("id", "int64"), harness.Col("n", "int64"))
}

func TestEventFilesEndInTheirState(t *testing.T) {
	dirs := []string{filepath.Join("testdata", "events")}
	if dir := os.Getenv(fixturesVariable); dir != "" {
		dirs = append(dirs, dir)
	}
	for _, dir := range dirs {
		eventFiles(t, dir)
	}
}

func eventFiles(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Events int
		Final  []struct{ Row row }
	}
	if err := harness.Decode(text, &expected); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for file, want := range expected {
		table := fixtureTables[file]
		if table == nil {
			continue
		}
		ran++
		t.Run(strings.ReplaceAll(file, "/", "-"), func(t *testing.T) {
			t.Parallel()
			c := harness.NewCluster(t)
			topic := c.Topic(t, "source", 3)
			events := fixtureEvents(t, filepath.Join(dir, file))
			if len(events) != want.Events {
				t.Fatalf("%d events, want %d", len(events), want.Events)
			}
			var rows []row
			for _, f := range want.Final {
				rows = append(rows, f.Row)
			}
			p := harness.Start(t, c, harness.Config{Tables: []m{table(topic)}})
			key := table(topic)["key"].([]string)
			c.Produce(t, topic, events[:len(events)/2]...)
			p.Batch(t, "t")
			c.Produce(t, topic, events[len(events)/2:]...)
			harness.Same(t, asFloats(rows), asFloats(p.Rows(t, "t", "")), key...)
			p.Batch(t, "t")
			harness.Same(t, asFloats(rows), asFloats(p.Rows(t, "t", "")), key...)
		})
	}
	if ran == 0 {
		t.Fatalf("no file of %s is in a format that is built", dir)
	}
}

// asFloats makes 1.0, 1.00 and 1e0 the same as 1. Whole numbers keep all their digits.
func asFloats(rows []row) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		c := row{}
		for k, v := range r {
			if n, ok := v.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
				if f, err := n.Float64(); err == nil {
					v = json.Number(strconv.FormatFloat(f, 'g', -1, 64))
				}
			}
			c[k] = v
		}
		out[i] = c
	}
	return out
}

// fixtureEvents reads a file: a licence header and blank lines are taken off,
// key^value lines are split, and an event without a key gets its row's id.
func fixtureEvents(t *testing.T, path string) []harness.Event {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.Index(text, []byte("*/")); bytes.HasPrefix(text, []byte("/*")) && i > 0 {
		text = text[i+2:]
	}
	var out []harness.Event
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "^")
		switch {
		case ok && value == "":
			out = append(out, harness.Tombstone(key))
		case ok:
			out = append(out, harness.Text(key, value))
		default:
			out = append(out, harness.Text(rowKey(t, line), line))
		}
	}
	return out
}

func rowKey(t *testing.T, line string) string {
	t.Helper()
	type payload struct{ Before, After *struct{ ID json.Number } }
	var e struct {
		payload
		Payload *payload
	}
	if err := harness.Decode([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	if e.Payload != nil {
		e.payload = *e.Payload
	}
	r := e.After
	if r == nil {
		r = e.Before
	}
	return `{"id":` + r.ID.String() + `}`
}
