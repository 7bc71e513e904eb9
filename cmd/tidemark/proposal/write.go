package proposal

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// Write writes the proposal as a whole configuration, with what is not certain as comments.
func (p *Proposal) Write(out io.Writer, brokers []string) error {
	w := bufio.NewWriter(out)
	origin := "what their JSON shows"
	if p.Schema {
		origin = "their schema"
	}
	fmt.Fprintf(w, "# Proposed from %d rows of the topic %s; types by %s.\n", p.Rows, p.Table.Source.Topic, origin)
	for _, n := range p.Notes {
		fmt.Fprintf(w, "# Note: %s.\n", n)
	}
	fmt.Fprintf(w, "kafka:\n  brokers: [%s]\n", quoteAll(brokers))
	if p.Registry != "" {
		fmt.Fprintf(w, "  schema_registry: {url: %s}\n", quote(p.Registry))
	}
	fmt.Fprintf(w, "data_dir: ./data\nhttp:\n  listen: 127.0.0.1:8080\ntables:\n")
	t, table := p.Table, ""
	if t.Source.Table != "" {
		table = ", table: " + quote(t.Source.Table)
	}
	fmt.Fprintf(w, "  - name: %s\n    source: {topic: %s, format: %s%s}\n", t.Name, quote(t.Source.Topic), t.Source.Format, table)
	fmt.Fprintf(w, "    key: [%s]\n    columns:\n", quoteAll(t.Key))
	for _, c := range t.Columns {
		p.writeColumn(w, c)
	}
	fmt.Fprintf(w, "    # The order in which rows are kept: put columns first that are read by prefix or range.\n")
	fmt.Fprintf(w, "    sort_key: [%s]\n", quoteAll(t.SortKey))
	fmt.Fprintf(w, "    # keep holds the raw JSON of each row as well, so that columns can be added later.\n    document: drop\n")
	fmt.Fprintf(w, "    batch: {schedule: %s}\n", quote(t.Batch.Schedule))
	return w.Flush()
}

func (p *Proposal) writeColumn(w io.Writer, c tables.Column) {
	line := fmt.Sprintf("      - {name: %s, type: %s", quote(c.Name), quote(c.Type.String()))
	if c.Path != "" {
		line += ", path: " + quote(c.Path)
	}
	if c.Encoding != "" {
		line += ", encoding: " + string(c.Encoding)
	}
	line += "}"
	if doubt := p.Doubts[c.Name]; doubt != "" {
		line += " # " + doubt
	}
	fmt.Fprintln(w, line)
}

var plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// quote writes a text so that YAML takes it for text, also between braces.
func quote(s string) string {
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if plainText.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	return strings.ReplaceAll(strconv.Quote(s), "${", "$${")
}

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return strings.Join(out, ", ")
}
