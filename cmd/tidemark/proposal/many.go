package proposal

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs/avro"
)

// mostTables bounds how many tables of one topic are proposed.
const mostTables = 100

// All proposes a table for each table of the source that the topic holds. The name is that of the
// only one; several are called as the source calls them.
func All(s *sample.Sample, name string, schemas avro.Schemas) ([]*Proposal, error) {
	first, err := From(s, name, schemas)
	if err != nil || len(first.together) == 0 {
		return []*Proposal{first}, err
	}
	out := []*Proposal{first}
	first.Table.Name = tableName(first.Table.Source.Table)
	for _, table := range first.together[:min(len(first.together), mostTables)] {
		if table == first.Table.Source.Table {
			continue
		}
		p, err := from(s, tableName(table), schemas, table)
		if err != nil {
			first.Notes = append(first.Notes, fmt.Sprintf("no table is proposed for %s: %v", table, err))
			continue
		}
		out = append(out, p)
	}
	if n := len(first.together); n > mostTables {
		first.Notes = append(first.Notes, fmt.Sprintf("only %d of %d tables of the topic are proposed", mostTables, n))
	}
	return out, nil
}

// Distinguish gives tables of one name different ones.
func Distinguish(all []*Proposal) {
	taken := map[string]bool{}
	for _, p := range all {
		base := p.Table.Name
		for n := 2; taken[p.Table.Name]; n++ {
			p.Table.Name = numbered(base, n)
		}
		taken[p.Table.Name] = true
	}
}

// numbered returns a name with a number, which is short enough.
func numbered(base string, n int) string { return fmt.Sprintf("%s_%d", base[:min(len(base), 58)], n) }

// listed names some tables, not all of many.
func listed(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// WriteAll writes one configuration that holds all tables.
func WriteAll(out io.Writer, all []*Proposal, brokers []string) error {
	if len(all) == 1 {
		return all[0].Write(out, brokers)
	}
	w := bufio.NewWriter(out)
	writeProcess(w, all, brokers)
	fmt.Fprintf(w, "tables:\n")
	for _, p := range all {
		p.writeOrigin(w, "  ")
		p.writeTable(w)
	}
	return w.Flush()
}

// WriteIncluding writes a configuration that includes the tables, whose files match the pattern.
func WriteIncluding(out io.Writer, all []*Proposal, brokers []string, pattern string) error {
	w := bufio.NewWriter(out)
	writeProcess(w, all, brokers)
	fmt.Fprintf(w, "include: [%s]\n", quote(pattern))
	return w.Flush()
}

// WriteTable writes the proposal as a file to be included.
func (p *Proposal) WriteTable(out io.Writer) error {
	w := bufio.NewWriter(out)
	p.writeOrigin(w, "")
	fmt.Fprintf(w, "tables:\n")
	p.writeTable(w)
	return w.Flush()
}

// Names returns a table's name for each topic: what is after its last dot, and more of the
// topic's name where several topics would have the same.
func Names(topics []string) []string {
	out := make([]string, len(topics))
	for i, topic := range topics {
		for parts := 1; ; parts++ {
			name, whole := lastParts(topic, parts)
			out[i] = tableName(name)
			same := slices.ContainsFunc(topics, func(other string) bool {
				theirs, _ := lastParts(other, parts)
				return other != topic && tableName(theirs) == out[i]
			})
			if !same || whole {
				break
			}
		}
		for n, base := 2, out[i]; slices.Contains(out[:i], out[i]); n++ {
			out[i] = numbered(base, n)
		}
	}
	return out
}

// lastParts returns the last parts of a topic's name, joined as a table's name has them, and
// whether these are all.
func lastParts(topic string, n int) (string, bool) {
	parts := strings.Split(topic, ".")
	return strings.Join(parts[max(0, len(parts)-n):], "_"), n >= len(parts)
}
