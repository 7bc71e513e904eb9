package proposal

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidemark/tidemark/tables"
)

// Write writes the proposal as a whole configuration, with what is not certain as comments.
func (p *Proposal) Write(out io.Writer, brokers []string) error {
	w := bufio.NewWriter(out)
	p.writeOrigin(w, "")
	writeProcess(w, []*Proposal{p}, brokers)
	fmt.Fprintf(w, "tables:\n")
	p.writeTable(w)
	return w.Flush()
}

// writeOrigin writes as comments what the proposal was made from, and what is to be known of it.
func (p *Proposal) writeOrigin(w io.Writer, indent string) {
	origin := "what their JSON shows"
	if p.Schema {
		origin = "their schema"
	}
	if p.Source != nil {
		origin = "the database's catalogue (" + comment(p.Source.FullName()) + ")"
		if p.Schema {
			origin += " and their schema"
		}
	}
	fmt.Fprintf(w, "%s# Proposed from %d rows of the topic %s; types by %s.\n", indent, p.Rows, p.Table.Source.Topic, origin)
	for _, n := range p.Notes {
		fmt.Fprintf(w, "%s# Note: %s.\n", indent, comment(n))
	}
}

// writeProcess writes what is of the process, and no table's.
func writeProcess(w io.Writer, all []*Proposal, brokers []string) {
	fmt.Fprintf(w, "kafka:\n  brokers: [%s]\n", quoteAll(brokers))
	if i := slices.IndexFunc(all, func(p *Proposal) bool { return p.Registry != "" }); i >= 0 {
		fmt.Fprintf(w, "  schema_registry: {url: %s}\n", quote(all[i].Registry))
	}
	fmt.Fprintf(w, "data_dir: ./data\nhttp:\n  listen: 127.0.0.1:8080\n")
}

func (p *Proposal) writeTable(w io.Writer) {
	t := p.Table
	fmt.Fprintf(w, "  - name: %s\n    source: %s\n", t.Name, sourceText(t.Source))
	if p.deleteWhen != "" {
		other := t.Source
		other.DeleteWhen = p.deleteWhen
		fmt.Fprintf(w, "    # source: %s # if that deletes a row\n", sourceText(other))
	}
	fmt.Fprintf(w, "    key: [%s]\n    columns:\n", quoteAll(t.Key))
	for _, c := range t.Columns {
		p.writeColumn(w, c)
	}
	for _, l := range p.left {
		fmt.Fprintf(w, "      # %s is left out: %s\n", quote(l.column), comment(l.why))
	}
	fmt.Fprintf(w, "    # The order in which rows are kept: put columns first that are read by prefix or range.\n")
	fmt.Fprintf(w, "    sort_key: [%s]\n", quoteAll(t.SortKey))
	fmt.Fprintf(w, "    # keep holds the raw JSON of each row as well, so that columns can be added later.\n    document: drop\n")
	fmt.Fprintf(w, "    batch: {schedule: %s}\n", quote(t.Batch.Schedule))
}

// sourceText writes a source in one line, without what is the default.
func sourceText(s tables.Source) string {
	out := fmt.Sprintf("{topic: %s, format: %s", quote(s.Topic), s.Format)
	for _, f := range []struct{ key, value string }{
		{"table", s.Table}, {"row", s.Row}, {"key_from", string(s.KeyFrom)}, {"key_format", string(s.KeyFormat)}, {"delete_when", s.DeleteWhen},
	} {
		if f.value != "" {
			out += ", " + f.key + ": " + quote(f.value)
		}
	}
	if s.Cells {
		out += ", cells: true"
	}
	byDefault := tables.PartitionMurmur2
	if s.Format.Messages() {
		byDefault = tables.PartitionAny
	}
	if s.Partitioner != byDefault {
		out += ", partitioner: " + string(s.Partitioner)
	}
	return out + "}"
}

// writeColumn writes a column with its question, and behind it the lines that answer the question.
func (p *Proposal) writeColumn(w io.Writer, c tables.Column) {
	line := "      - " + columnText(c, c.Type.String())
	if said := cmp.Or(p.Doubts[c.Name], p.why[c.Name]); said != "" {
		line += " # " + comment(said)
	}
	fmt.Fprintln(w, line)
	o := p.offers[c.Name]
	if o == nil {
		return
	}
	for i, other := range o.columns {
		if i == 0 && o.unscaled {
			unknown := strings.Replace(other.Type.String(), ",0)", ",?)", 1)
			fmt.Fprintf(w, "      # - %s # ?: how many digits are after the point\n", columnText(other, unknown))
			continue
		}
		when := ""
		if o.when != "" {
			when = " # " + o.when
		}
		fmt.Fprintf(w, "      # - %s%s\n", columnText(other, other.Type.String()), when)
	}
}

// comment writes a text on one line, of which names and types in a database need not be.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// columnText writes a column in one line.
func columnText(c tables.Column, typ string) string {
	out := fmt.Sprintf("{name: %s, type: %s", quote(c.Name), quote(typ))
	switch {
	case len(c.OtherPaths) > 0:
		out += ", path: [" + quoteAll(c.Places()) + "]"
	case c.Path != "":
		out += ", path: " + quote(c.Path)
	}
	if c.Items != nil {
		out += ", items: " + quote(c.Items.String())
	}
	if c.Encoding != "" {
		out += ", encoding: " + string(c.Encoding)
	}
	return out + "}"
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
