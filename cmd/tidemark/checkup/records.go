package checkup

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// enough records without a delete are a sign that deletes never arrive.
const enough = 200

// Records checks a sample of a table's source topic: whether the partitioner is
// the declared one, whether the records decode, and what is missing among them.
// Schemas are needed for Avro only.
func Records(t *tables.Table, s *sample.Sample, schemas avro.Schemas) []Finding {
	if len(s.Records) == 0 {
		return []Finding{{
			findings.NoRecords, Note, t.Name, "the source topic has no records yet: nothing could be tried", "check again when it has some",
		}}
	}
	out := partitioner(t, s)
	s = parts(t, s)
	out = append(out, removed(t, s)...)
	decoder := func(t *tables.Table) (cdc.Decoder, error) {
		return cdc.NewDecoder(t, cdc.Options{Schemas: schemas})
	}
	seen, faults := decode(t, s, decoder)
	out = append(out, faults...)
	out = append(out, columns(t, s, decoder)...)
	out = append(out, drifted(t, s, schemas)...)
	out = append(out, shortKey(t, s, schemas, decoder)...)
	shown := asJSON(t, s, schemas)
	out = append(out, lost(t, shown)...)
	out = append(out, overruled(t, shown)...)
	out = append(out, undeclared(t, shown)...)
	flattened := t.Source.Format == tables.FlattenedJSON || t.Source.Format == tables.FlattenedAvro
	if flattened && seen[tables.Delete] == 0 && seen[tables.Upsert] >= enough && !rewrites(shown) {
		out = append(out, Finding{
			findings.NoDeletes, Problem, t.Name, fmt.Sprintf("no delete among %d flattened records: with the transform's old defaults deletes never reach Kafka", seen[tables.Upsert]),
			"set delete.tombstone.handling.mode=rewrite on ExtractNewRecordState (before Debezium 2.5: delete.handling.mode=rewrite and drop.tombstones=false)",
		})
	}
	return append(out, truncates(t, seen)...)
}

// truncates says that none may ever arrive.
func truncates(t *tables.Table, seen map[tables.Op]int) []Finding {
	switch {
	case t.Source.Format == tables.FlattenedJSON || t.Source.Format == tables.FlattenedAvro:
		return []Finding{{
			findings.TruncateDropped, Note, t.Name, "the flattening transform passes no TRUNCATE on: a table that is truncated at the source keeps its rows here",
			"read the connector's envelopes (format debezium-json) with skipped.operations=none if the table is ever truncated",
		}}
	case seen[tables.Truncate] > 0 || t.Source.Format != tables.DebeziumJSON && t.Source.Format != tables.DebeziumAvro:
		return nil
	}
	return []Finding{{
		findings.TruncateUnseen, Note, t.Name, "connectors skip TRUNCATE unless configured otherwise; it cannot be seen from here",
		"set skipped.operations=none on the connector if the table is ever truncated",
	}}
}

// partitioner compares each record's partition with the one that its key hashes to.
func partitioner(t *tables.Table, s *sample.Sample) []Finding {
	misplaced := func(p tables.Partitioner) (wrong, keyed int, first *codecs.Record) {
		for _, r := range s.Records {
			want, ok := kafka.PartitionOf(p, r.Key, s.Topic.Partitions)
			if !ok {
				continue
			}
			keyed++
			if want != r.Partition {
				if wrong++; first == nil {
					first = r
				}
			}
		}
		return wrong, keyed, first
	}
	wrong, keyed, first := misplaced(t.Source.Partitioner)
	if wrong == 0 {
		return nil
	}
	remedy := "let the producer use one partitioner for all records; murmur2 is Java's"
	for _, p := range []tables.Partitioner{tables.PartitionMurmur2, tables.PartitionFNV1a, tables.PartitionCRC32} {
		if w, _, _ := misplaced(p); w == 0 {
			remedy = fmt.Sprintf("declare source.partitioner: %s, which fits all of them", p)
			break
		}
	}
	return []Finding{{
		findings.Partitioner, Problem, t.Name, fmt.Sprintf("%d of %d keys are not where the partitioner %s puts them, first in partition %d at offset %d",
			wrong, keyed, t.Source.Partitioner, first.Partition, first.Offset), remedy,
	}}
}

// removed says when the beginning of the source topic is gone already.
func removed(t *tables.Table, s *sample.Sample) []Finding {
	var gone int64
	for _, start := range s.Starts {
		gone += start
	}
	if gone == 0 {
		return nil
	}
	return []Finding{{
		findings.RecordsGone, Note, t.Name, fmt.Sprintf("%d records of the source topic %s are gone by retention: a table that is made now lacks rows that only they held", gone, s.Topic.Name),
		"take a new snapshot of the source; retention.ms=-1 keeps what comes from now on",
	}}
}

// decode tries the decoder on every record and counts what it makes of them.
func decode(t *tables.Table, s *sample.Sample, decoder newDecoder) (map[tables.Op]int, []Finding) {
	d, err := decoder(t)
	if err != nil {
		return nil, []Finding{{findings.Decoder, Problem, t.Name, err.Error(), "change the table's columns"}}
	}
	seen, tried := map[tables.Op]int{}, len(s.Records)
	type fault struct {
		count int
		first *codecs.Record
		err   *codecs.Error
	}
	faults := map[string]*fault{}
	for _, r := range s.Records {
		var c tables.Change
		err := d.Decode(r, &c)
		if err == nil {
			seen[c.Op]++
			continue
		}
		if errors.Is(err, codecs.ErrUnavailable) {
			return seen, []Finding{registryAway(t.Name, err)}
		}
		var e *codecs.Error
		if !errors.As(err, &e) {
			e = &codecs.Error{Field: "record", Reason: err.Error()}
		}
		if faults[e.Field] == nil {
			faults[e.Field] = &fault{first: r, err: e}
		}
		faults[e.Field].count++
	}
	var out []Finding
	for _, f := range slices.SortedFunc(maps.Values(faults), func(a, b *fault) int {
		return cmp.Or(b.count-a.count, cmp.Compare(a.err.Field, b.err.Field))
	}) {
		out = append(out, Finding{
			findings.Undecodable, Problem, t.Name, fmt.Sprintf("%d of %d records would go to the dead letters: %v (first in partition %d at offset %d)",
				f.count, tried, f.err, f.first.Partition, f.first.Offset),
			remedyFor(t, f.err),
		})
	}
	return seen, out
}

// remedyFor says what to change when a record cannot be read.
func remedyFor(t *tables.Table, e *codecs.Error) string {
	switch {
	case errors.Is(e, codecs.ErrOtherKey):
		return fmt.Sprintf("let the table's key (%s) be the columns of the record's key, and the record's key hold them: a primary key, or message.key.columns on the connector; "+
			"where the source's key was changed, records from before have the old one", strings.Join(t.Key, ", "))
	case t.Source.Format.Avro() && (e.Field == "key" || e.Field == "value"):
		return "let kafka.schema_registry.url be the registry that the converter writes its schemas to, and source.format what the converter writes"
	}
	for _, c := range t.Columns {
		switch concerns(e.Field, &c) {
		case value:
			return fmt.Sprintf("set the type and the encoding of column %s to what the converter writes, or its on_error: null", c.Name)
		case above:
			return fmt.Sprintf("let the source write whole JSON there, or set on_error: null on column %s, whose path leads into it", c.Name)
		}
	}
	return "check source.format, the connector's converters, and that the key's columns are those of the record's key"
}

// What a faulty field is to a column.
const (
	nothing = iota
	value   // the column's value
	above   // what the column's path leads through
)

// concerns says what a faulty field is to a column.
func concerns(field string, c *tables.Column) int {
	for _, place := range append(c.Places(), c.Name) {
		if field == place || hasSuffix(field, place) {
			return value
		}
	}
	for _, place := range c.Places() {
		for i := strings.LastIndexByte(place, '.'); i > 0; i = strings.LastIndexByte(place[:i], '.') {
			if hasSuffix(field, place[:i]) {
				return above
			}
		}
	}
	return nothing
}

func hasSuffix(field, path string) bool {
	return len(field) > len(path) && field[len(field)-len(path)-1] == '.' && field[len(field)-len(path):] == path
}
