package schemacolumns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// What is looked at: the newest records of each partition, for so long.
const (
	newest = 50
	within = 5 * time.Second
)

// ErrNothing says that the source has no record with a row and a schema yet.
var ErrNothing = errors.New("no record tells columns yet")

// Read returns what the newest records of a table's source tell of its columns. The error holds
// ErrNothing where none does, and kafka.ErrNoSource where there is no topic.
func Read(ctx context.Context, k kafka.Settings, declared *tables.Table, schemas avro.Schemas) (drift.Told, error) {
	taken, err := sample.Take(ctx, sample.Options{Kafka: k, Topic: declared.Source.Topic, Records: newest, Within: within})
	if errors.Is(err, kafka.ErrNoSource) {
		return drift.Told{}, fmt.Errorf("the columns come from the schema of the records, and the source topic %s does not exist: %w", declared.Source.Topic, err)
	}
	if err != nil {
		return drift.Told{}, fmt.Errorf("read the schema of the records: %w", err)
	}
	return Of(declared, taken.Records, schemas)
}

// Of returns what the newest of some records tells.
func Of(declared *tables.Table, records []*codecs.Record, schemas avro.Schemas) (drift.Told, error) {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *codecs.Record) int { return a.Time.Compare(b.Time) })
	rows := 0
	for _, r := range slices.Backward(records) {
		if len(r.Value) > 0 {
			rows++
		}
		told, ok, err := drift.ToldBy(declared, r, schemas)
		switch {
		case errors.Is(err, codecs.ErrUnavailable):
			return told, fmt.Errorf("read the schema of the records: %w", err)
		case err != nil || !ok:
			continue
		}
		return told, nil
	}
	if rows == 0 {
		return drift.Told{}, fmt.Errorf("the columns come from the schema of the records, and the source topic %s has none: %w", declared.Source.Topic, ErrNothing)
	}
	return drift.Told{}, fmt.Errorf("the columns come from the schema of the records, and none of the newest %d of topic %s has a row with one: %w; "+
		"let the converter write it (schemas.enable=true, or Avro), or declare the columns", rows, declared.Source.Topic, ErrNothing)
}

// Define returns the definition that the newest records make of a table which has none yet: what
// is declared, and what their schema tells. The error says for a person what is missing.
func Define(ctx context.Context, k kafka.Settings, declared *tables.Table, schemas avro.Schemas) (*tables.Table, error) {
	told, err := Read(ctx, k, declared, schemas)
	if err != nil {
		return nil, err
	}
	return With(declared, told)
}

// With returns a definition with what a record tells, if that makes it whole. The key is the
// records', unless one is declared.
func With(declared *tables.Table, told drift.Told) (*tables.Table, error) {
	t := *generations.Joined(wire.GenerationRecord{}, declared, told.Columns)
	if len(t.Key) == 0 {
		t.Key = told.Key
	}
	if err := Whole(&t); err != nil {
		return nil, err
	}
	return &t, nil
}
