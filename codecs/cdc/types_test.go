package cdc

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// A typeCase is one line of testdata/types: a value as a connector writes it.
type typeCase struct {
	line                                        int
	source, schema, encoding, column, raw, want string
}

// typeCases reads a file of testdata/types: its cases by section.
func typeCases(t testing.TB, name string) (sections []string, cases map[string][]typeCase) {
	t.Helper()
	f, err := os.Open("testdata/types/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases = map[string][]typeCase{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if title, ok := strings.CutPrefix(lines.Text(), "## "); ok {
			sections = append(sections, title)
			continue
		}
		if lines.Text() == "" || lines.Text()[0] == '#' {
			continue
		}
		c := strings.Split(lines.Text(), " | ")
		if len(c) != 6 || len(sections) == 0 {
			t.Fatalf("%s:%d: want six fields below a section", name, n)
		}
		section := sections[len(sections)-1]
		cases[section] = append(cases[section], typeCase{n, c[0], c[1], c[2], c[3], c[4], c[5]})
	}
	return sections, cases
}

// check reads the case's value in an envelope and compares what became of it.
func (c *typeCase) check(t *testing.T, encoding string, wrap func(row string) string) {
	t.Helper()
	more := []string{}
	if encoding != "=" {
		more = append(more, encoding)
	}
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "x", c.column, more...))
	reason, failing := strings.CutPrefix(c.want, "! ")
	for _, forgiving := range []bool{false, true} {
		table.Columns[1].NullOnError = forgiving
		d, err := NewDecoder(table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got tables.Change
		err = d.Decode(record(`{"id":1}`, wrap(`{"id":1,"x":`+c.raw+`}`)), &got)
		switch {
		case failing && !forgiving:
			if err == nil || !strings.HasPrefix(err.Error(), "after.x: ") || !strings.Contains(err.Error(), reason) {
				t.Errorf("line %d: %s as %s: the error is %v, want %s", c.line, c.raw, c.column, err, reason)
			}
		case err != nil:
			t.Errorf("line %d: %s as %s: %v", c.line, c.raw, c.column, err)
		case failing || c.want == "null" && c.raw == "null":
			if !got.Values[1].IsNull() {
				t.Errorf("line %d: %s as %s is %v, want null", c.line, c.raw, c.column, got.Values[1])
			}
		default:
			if text := string(tables.AppendText(nil, table.Columns[1].Type, got.Values[1])); text != unescaped(c.want) {
				t.Errorf("line %d: %s as %s is %q, want %q", c.line, c.raw, c.column, text, c.want)
			}
		}
	}
}

func unescaped(s string) string {
	return strings.NewReplacer(`\u00e9`, "é", `\u0001`, "\x01", `\u2028`, "\u2028", `\U0010ffff`, "\U0010ffff").Replace(s)
}

// fieldOf makes the JSON of a field's schema: type, name, one parameter.
func fieldOf(schema string) string {
	f := strings.Fields(schema)
	name, parameters := "", []string(nil)
	if len(f) > 1 {
		name = f[1]
	}
	if len(f) > 2 {
		k, v, _ := strings.Cut(f[2], "=")
		parameters = []string{k, v}
	}
	return field("x", f[0], name, parameters...)
}

func checkTypes(t *testing.T, file string) {
	sections, cases := typeCases(t, file)
	for _, s := range sections {
		t.Run(s, func(t *testing.T) {
			for _, c := range cases[s] {
				if c.schema != "-" {
					c.check(t, "=", func(row string) string { return withSchema(row, field("id", "int32", ""), fieldOf(c.schema)) })
				}
				if c.encoding != "-" {
					c.check(t, c.encoding, func(row string) string { return op("c", row) })
				}
			}
		})
	}
}

// Every PostgreSQL type under every mode of the connector, with a schema and without.
func TestPostgresTypes(t *testing.T) { checkTypes(t, "postgres.txt") }

// The types of the other connectors, by their documentation.
func TestTypesOfOtherConnectors(t *testing.T) { checkTypes(t, "others.txt") }
