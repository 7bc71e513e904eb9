package proposal

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// Proposal is a table and what is not certain about it.
type Proposal struct {
	Table  *tables.Table
	Rows   int               // records that held a row
	Schema bool              // types come from a schema
	Doubts map[string]string // by column: what could not be known
	Notes  []string          // about the table as a whole

	offers     map[string]*offer // by column: what it could be instead
	deleteWhen string            // what may delete rows, as a question
	together   []string          // the tables of the topic, where it holds several
	rows       *rows             // until the columns are those of the database

	Source *catalogue.Table  // the table in the database, where that is known
	why    map[string]string // by column: where what is not obvious comes from
	left   []leftOut         // columns that the table does not have

	Registry string // the address of the schema registry, where one is needed
}

// Reasons why nothing can be proposed.
var (
	ErrNoRows = errors.New("the sample holds no row")
	ErrNoJSON = errors.New("the records are neither JSON nor Avro with a schema in a registry")
	ErrNoKey  = errors.New("the records have no key, so rows cannot be distinguished: give the source table a primary key, or set message.key.columns on the connector")
)

// From proposes a table for a sample. An empty name is taken from the topic's.
// Schemas are needed for Avro only, and the catalogue of the database may be nil.
// Of several tables in the topic it is that of the first record; All proposes each of them.
func From(s *sample.Sample, name string, schemas avro.Schemas, known *catalogue.Catalogue) (*Proposal, error) {
	all, err := read(s, schemas)
	if err != nil {
		return nil, err
	}
	return all.from(name, "", known)
}

// from proposes a table from records, of which those of one table of the source count.
func (o *material) from(name, only string, known *catalogue.Catalogue) (*Proposal, error) {
	if name == "" {
		name = tableName(o.topic.Name)
	}
	p, err := o.propose(name, only, known)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", o.topic.Name, err)
	}
	return p, nil
}

func (o *material) propose(name, only string, known *catalogue.Catalogue) (*Proposal, error) {
	rows, err := take(o.records, only)
	if err != nil {
		return nil, err
	}
	if err := oneTable(rows); err != nil {
		return nil, err
	}
	p := newProposal(o.topic.Name, name, rows)
	if known != nil {
		if p.Source, err = known.Find(o.topic.Name, rows.origin); err != nil {
			return nil, err
		}
	}
	if rows.mongo {
		p.mongoKey(rows)
	}
	if err := p.key(rows); err != nil {
		return nil, err
	}
	p.Table.SortKey = p.Table.Key
	p.place(o, rows)
	p.deletions(rows)
	p.note(rows)
	if text := several(o.records, rows.format); text != "" && len(rows.more) == 0 { // else the proposal is of one of them
		p.Notes = append(p.Notes, text)
	}
	if o.avro {
		p.avro()
	}
	return p, nil
}

// newProposal returns a proposal with the columns that were seen.
func newProposal(topic, name string, rows *rows) *Proposal {
	p := &Proposal{
		Table: &tables.Table{
			Name: name,
			Source: tables.Source{
				Topic: topic, Format: rows.format, Placeholder: tables.DefaultPlaceholder, Partitioner: tables.PartitionMurmur2,
				Row: rows.within, Cells: rows.cells,
			},
			Batch: tables.BatchPolicy{Schedule: "@every 30m"},
		},
		Rows: rows.count, Schema: rows.schema != nil, Doubts: map[string]string{}, offers: map[string]*offer{}, why: map[string]string{}, rows: rows,
	}
	for _, c := range rows.columns {
		found := c.propose()
		p.Table.Columns = append(p.Table.Columns, found.column)
		if found.doubt != "" {
			p.Doubts[c.name], p.offers[c.name] = found.doubt, found.offer
		}
	}
	return p
}

// certain forgets what was asked about a column.
func (p *Proposal) certain(name string) {
	delete(p.Doubts, name)
	delete(p.offers, name)
}

// Offers returns what a column could be instead, one column for each answer to its question.
func (p *Proposal) Offers(name string) []tables.Column {
	if o := p.offers[name]; o != nil {
		return o.columns
	}
	return nil
}

// mongoKey makes the column id of the document's _id, under which name it is in the keys.
func (p *Proposal) mongoKey(rows *rows) {
	i := p.Table.ColumnIndex("_id")
	if i < 0 || !slices.Equal(rows.keyNames, []string{"id"}) || p.Table.ColumnIndex("id") >= 0 {
		return
	}
	c := &p.Table.Columns[i]
	c.Name, c.Path, c.Encoding = "id", "_id", tables.EncodingExtendedJSON
	p.certain("_id")
}

func (p *Proposal) note(rows *rows) {
	if !p.Schema && len(p.Doubts) > 0 && p.Source == nil {
		p.Notes = append(p.Notes, "the records carry no schema, so what numbers and texts stand for was not guessed; where a question below is answered by one of the lines behind it, take that line instead")
	}
	if rows.format == tables.FlattenedJSON && rows.deletes == 0 && !rows.rewritten {
		p.Notes = append(p.Notes, "no delete was among the records: flattened topics lose them unless delete.tombstone.handling.mode=rewrite is set")
	}
	if rows.format.Messages() {
		p.Notes = append(p.Notes, "messages of this format are not placed by their key: they go through a topic of ours first (partitioner: any)")
	}
	if note := ticdcNote(rows.format); note != "" {
		p.Notes = append(p.Notes, note)
	}
	if len(rows.more) > 0 {
		p.Table.Source.Table = rows.table
		rows.more[rows.table] = true
		p.heldWith(slices.Sorted(maps.Keys(rows.more)))
	}
	if p.Table.Source.DeleteWhen != "" {
		p.Notes = append(p.Notes, "members beside the rows say what is deleted: see delete_when")
	}
	if rows.others > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d records of the sample are no rows of this format", rows.others))
	}
	if rows.format == tables.FlattenedJSON || rows.format == tables.UpsertJSON {
		p.Notes = append(p.Notes, "a row with missing members reads null for them")
	}
}

// heldWith says which tables the topic holds together with this one.
func (p *Proposal) heldWith(tables []string) {
	p.together, p.Table.Source.Table = tables, p.rows.table
	p.Notes = append(p.Notes, fmt.Sprintf("the topic holds records of %d tables, %s: this is %s alone (source.table)", len(tables), listed(tables), p.rows.table))
}

// tableName makes a table's name of a topic's: what is after the last dot.
func tableName(topic string) string {
	base := strings.ToLower(topic[strings.LastIndexByte(topic, '.')+1:])
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, base)
	if out == "" || out[0] < 'a' || out[0] > 'z' {
		out = "t_" + out
	}
	return out[:min(len(out), 63)]
}

// Clean reports whether a decoder takes every record of the sample under the proposal.
func (p *Proposal) Clean(records []*codecs.Record, schemas avro.Schemas) error {
	d, err := cdc.NewDecoder(p.Table, cdc.Options{Schemas: schemas})
	if err != nil {
		return err
	}
	for r := range slices.Values(records) {
		var c tables.Change
		if err := d.Decode(r, &c); err != nil {
			return fmt.Errorf("partition %d, offset %d: %w", r.Partition, r.Offset, err)
		}
	}
	return nil
}
