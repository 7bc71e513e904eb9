package checkup

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/tables"
)

// shortKey finds records whose keys have members that the table's key lacks: rows of
// several such keys are one row here. It is a problem when the sample has two of them,
// else it may be meant.
func shortKey(t *tables.Table, s *sample.Sample, schemas avro.Schemas, decoder newDecoder) []Finding {
	if t.Source.KeyInRow() { // their records' keys are no rows' keys
		return nil
	}
	d, err := decoder(keyOnly(t))
	if err != nil {
		return nil
	}
	keys := recordKeys{declared: t, more: map[string]bool{}, first: map[tables.Key]string{}}
	for _, r := range s.Records {
		shown := r
		if t.Source.Format.Avro() {
			if shown, _, err = avro.AsJSON(r, schemas); err != nil {
				continue // decode says what is wrong with it
			}
		}
		if text, has := keys.rest(shown.Key); has {
			keys.add(d, r, text)
		}
	}
	if len(keys.more) == 0 {
		return nil
	}
	f := Finding{
		findings.KeyShort, Note, t.Name, fmt.Sprintf("the records' keys have %s, which the key %v lacks", strings.Join(slices.Sorted(maps.Keys(keys.more)), ", "), t.Key),
		"declare the columns of the record's key as the table's key, unless those that are declared are unique without the others",
	}
	if keys.folded > 0 {
		f.Level = Problem
		f.What += fmt.Sprintf(": %d of %d records of the sample take the row of another key (first in partition %d at offset %d)",
			keys.folded, len(s.Records), keys.at.Partition, keys.at.Offset)
		f.Remedy = "declare the columns of the record's key as the table's key"
	}
	return []Finding{f}
}

// recordKeys collects what the records' keys hold beside the table's key.
type recordKeys struct {
	declared *tables.Table
	more     map[string]bool       // members that the key lacks
	first    map[tables.Key]string // what was beside a key first
	folded   int
	at       *codecs.Record
}

// rest returns the members of a record's key that are not the table's, as text.
func (k *recordKeys) rest(key []byte) (text string, has bool) {
	ms := membersOf(key)
	for _, i := range k.declared.KeyColumns() {
		c := &k.declared.Columns[i]
		delete(ms, c.Name)
		for _, place := range c.Places() {
			delete(ms, place)
		}
	}
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(ms)) {
		k.more[name] = true
		fmt.Fprintf(&out, "%q: %s\n", name, ms[name])
	}
	return out.String(), len(ms) > 0
}

// add compares a record with the first one of its key in the table.
func (k *recordKeys) add(d cdc.Decoder, r *codecs.Record, rest string) {
	var c tables.Change
	if d.Decode(r, &c) != nil || c.Op != tables.Upsert && c.Op != tables.Delete {
		return
	}
	was, seen := k.first[c.Key]
	switch {
	case !seen:
		k.first[c.Key] = rest
	case was != rest:
		if k.folded++; k.at == nil {
			k.at = r
		}
	}
}
