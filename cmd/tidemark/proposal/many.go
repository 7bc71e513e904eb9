package proposal

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/tables"
)

// mostTables bounds how many tables of one topic are proposed.
const mostTables = 100

// All proposes a table for each table of the source that the topic holds. The name is that of the
// only one; several are called as the source calls them. Each record is read once, however many
// tables there are.
func All(s *sample.Sample, name string, schemas avro.Schemas, known *catalogue.Catalogue) ([]*Proposal, error) {
	all, err := read(s, schemas)
	if err != nil {
		return nil, err
	}
	first, err := all.from(name, "", known)
	if err != nil || len(first.together) == 0 {
		return []*Proposal{first}, err
	}
	out, missing := []*Proposal{first}, []string{}
	first.Table.Name = tableName(first.Table.Source.Table)
	each := all.byTable()
	for _, table := range first.together[:min(len(first.together), mostTables)] {
		if table == first.Table.Source.Table {
			continue
		}
		p, err := each[table].from(tableName(table), table, known)
		if err != nil {
			missing = append(missing, fmt.Sprintf("no table is proposed for %s: %v", table, err))
			continue
		}
		p.heldWith(first.together)
		out = append(out, p)
	}
	first.Notes = append(first.Notes, missing...)
	if n := len(first.together); n > mostTables {
		first.Notes = append(first.Notes, fmt.Sprintf("only %d of %d tables of the topic are proposed", mostTables, n))
	}
	return out, nil
}

// Distinguish gives tables of one name different ones.
func Distinguish(all []*Proposal) {
	free := names{}
	for _, p := range all {
		p.Table.Name = free.take(p.Table.Name)
	}
}

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

// several says when the records, shown as JSON, come from several tables of the source: a proposal
// made of all of them would merge their rows.
func several(records []*codecs.Record, format tables.Format) string {
	seen := map[string]bool{}
	for _, r := range records {
		shape, ok := drift.ShapeOf(&tables.Table{Source: tables.Source{Format: format}}, r, nil)
		if ok && shape.Table != "" {
			seen[shape.Table] = true
		}
	}
	if len(seen) < 2 {
		return ""
	}
	names := slices.Sorted(maps.Keys(seen))
	return fmt.Sprintf("the topic holds records of %d tables, %s: the columns below are those of all of them, and rows of one would overwrite those of another. "+
		"Declare a table for each, with source.table and its own columns, or give each a topic of its own, unless they are parts of one table",
		len(names), strings.Join(names[:min(len(names), 10)], ", "))
}
