package cdc

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
)

// NewDecoder returns a decoder for the table's source topic. The table must be
// valid; a format that is not to be had, or an encoding that its column's type
// cannot take, is an error.
func NewDecoder(t *tables.Table, o Options) (Decoder, error) {
	d, err := newShell(t, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func newShell(t *tables.Table, o Options) (*shell, error) {
	if len(t.Key) == 0 {
		return nil, fmt.Errorf("table %s: no key", t.Name)
	}
	for _, k := range t.Key {
		if t.ColumnIndex(k) < 0 {
			return nil, fmt.Errorf("table %s: the key %s is no column", t.Name, k)
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if err := convert.CheckColumn(c); err != nil {
			return nil, fmt.Errorf("table %s, column %s: %w", t.Name, c.Name, err)
		}
	}
	if t.Source.Format.Avro() && o.Schemas == nil {
		return nil, fmt.Errorf("table %s: format %s needs a schema registry", t.Name, t.Source.Format)
	}
	if _, _, err := filter.CompileDeletion(t); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	switch t.Source.Format {
	case tables.DebeziumJSON, tables.DebeziumAvro:
		return &shell{decode: newEnvelopeDecoder(t, o).decode}, nil
	case tables.FlattenedJSON, tables.UpsertJSON, tables.FlattenedAvro, tables.UpsertAvro,
		tables.OGGJSON, tables.DMSJSON, tables.CockroachJSON:
		return &shell{decode: newFlatDecoder(t, o).decode}, nil
	case tables.MaxwellJSON:
		d := newMaxwellDecoder(t, o)
		return &shell{decode: d.decode, message: d.rowDecoder}, nil
	case tables.CanalJSON:
		d := newCanalDecoder(t, o)
		return &shell{decode: d.decode, message: d.rowDecoder, rows: true}, nil
	case tables.TiCDCSimple, tables.TiCDCOpen:
		d := newTiCDCDecoder(t, o)
		return &shell{decode: d.decode, message: d.rowDecoder, batches: d.open}, nil
	}
	return nil, fmt.Errorf("table %s: format %q is not supported", t.Name, t.Source.Format)
}

// A shell makes a Decoder of what decodes the records of one format.
type shell struct {
	decode  func(r *codecs.Record, c *tables.Change) *codecs.Error
	message *rowDecoder // of messages whose key is in the row; else nil
	rows    bool        // whether a message holds an array of rows
	batches bool        // whether a record holds several messages
}

// Decode implements Decoder.
func (s *shell) Decode(r *codecs.Record, c *tables.Change) error {
	if err := s.decode(r, c); err != nil {
		return err
	}
	return nil
}
