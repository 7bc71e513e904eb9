package proposal

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/ticdc"
	"github.com/tidemark/tidemark/tables"
)

// ErrNoRegistry says that the records are Avro, whose schemas are elsewhere.
var ErrNoRegistry = errors.New("the records are Avro: name the registry that holds their schemas, with --schema-registry http://host:port")

// asJSON returns the records as a JSON converter would have written them; binary says
// whether that changed any.
func asJSON(records []*codecs.Record, schemas avro.Schemas) (out []*codecs.Record, binary bool, err error) {
	records = ticdc.Expand(records) // whose keys look like a schema's id as well
	var wrong error                 // with the first that cannot be shown, which counts among the others
	shown := 0
	plain := slices.ContainsFunc(records, func(r *codecs.Record) bool { return json.Valid(r.Value) })
	for _, r := range records {
		translated, changed, err := avro.AsJSON(r, schemas)
		switch {
		case err != nil && schemas == nil && plain:
			translated, changed = r, false // the bytes of a number as its key may look like a schema's id
		case err != nil && schemas == nil:
			return nil, true, ErrNoRegistry
		case errors.Is(err, codecs.ErrUnavailable):
			return nil, true, err
		case err != nil:
			translated, wrong = r, cmp.Or(wrong, err)
		case changed:
			shown++
		}
		binary = binary || changed
		out = append(out, translated)
	}
	if binary && shown == 0 {
		return nil, true, wrong
	}
	return out, binary, nil
}

// avro makes the proposal one for Avro.
func (p *Proposal) avro() {
	switch p.Table.Source.Format {
	case tables.DebeziumJSON:
		p.Table.Source.Format = tables.DebeziumAvro
	case tables.FlattenedJSON:
		p.Table.Source.Format = tables.FlattenedAvro
	case tables.UpsertJSON:
		p.Table.Source.Format = tables.UpsertAvro
	}
}
