package render

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// recordRows is how many rows one Arrow record has at most.
const recordRows = 8192

// writeArrow writes an Arrow IPC stream.
func writeArrow(s *Sink, sh *Shape, from Source) error {
	schema := sh.arrowSchema()
	w := ipc.NewWriter(s, ipc.WithSchema(schema))
	err := from.Each(func(rows *store.Result) error { return s.records(sh, from, schema, rows, w.Write) })
	if err != nil {
		return err
	}
	return w.Close()
}

// arrowSchema returns the Arrow types of the answer's columns. Decimals, times and UUIDs
// are themselves; json is text.
func (s *Shape) arrowSchema() *arrow.Schema {
	fields := make([]arrow.Field, 0, len(s.outputs)+1)
	for _, o := range s.outputs {
		fields = append(fields, arrow.Field{Name: o.Name, Type: arrowType(o.Type), Nullable: true})
	}
	if s.Document {
		fields = append(fields, arrow.Field{Name: "document", Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func arrowType(t tables.Type) arrow.DataType {
	switch t.Kind {
	case tables.Bool:
		return arrow.FixedWidthTypes.Boolean
	case tables.Int64:
		return arrow.PrimitiveTypes.Int64
	case tables.Float64:
		return arrow.PrimitiveTypes.Float64
	case tables.DecimalKind:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case tables.Bytes:
		return arrow.BinaryTypes.Binary
	case tables.UUID:
		return extensions.NewUUIDType()
	case tables.Date:
		return arrow.FixedWidthTypes.Date32
	case tables.Time:
		return arrow.FixedWidthTypes.Time64us
	case tables.Timestamp:
		return arrow.FixedWidthTypes.Timestamp_us
	}
	return arrow.BinaryTypes.String
}

// records calls write with the rows, as records of at most recordRows.
func (s *Sink) records(sh *Shape, src Source, schema *arrow.Schema, rows *store.Result, write func(arrow.RecordBatch) error) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for from := 0; from < rows.Len(); from += recordRows {
		if err := s.gone(); err != nil {
			return err // nothing may have been written yet that would fail
		}
		to := min(from+recordRows, rows.Len())
		for i := range sh.outputs {
			f := b.Field(i)
			f.Reserve(to - from)
			for row := from; row < to; row++ {
				appendArrow(f, rows.Value(row, i))
			}
		}
		if err := appendDocuments(b, sh, src, rows, from, to); err != nil {
			return err
		}
		rec := b.NewRecordBatch()
		err := write(rec)
		rec.Release()
		if err != nil {
			return fmt.Errorf("write a record: %w", err)
		}
	}
	return nil
}

func appendDocuments(b *array.RecordBuilder, sh *Shape, src Source, rows *store.Result, from, to int) error {
	if !sh.Document {
		return nil
	}
	f := b.Field(len(sh.outputs)).(*array.StringBuilder)
	for row := from; row < to; row++ {
		doc, _, err := src.Document(rows, row)
		if err != nil {
			return err
		}
		if len(doc) == 0 {
			f.AppendNull()
		} else {
			f.Append(string(doc))
		}
	}
	return nil
}

func appendArrow(f array.Builder, v tables.Value) {
	if v.IsNull() {
		f.AppendNull()
		return
	}
	switch f := f.(type) {
	case *array.BooleanBuilder:
		f.Append(v.Bool())
	case *array.Int64Builder:
		f.Append(v.Int())
	case *array.Float64Builder:
		f.Append(v.Float())
	case *array.Decimal128Builder:
		d := v.Decimal()
		f.Append(decimal128.New(d.Hi, d.Lo))
	case *array.BinaryBuilder:
		f.AppendString(v.Str())
	case *extensions.UUIDBuilder:
		f.AppendBytes(v.UUID())
	case *array.Date32Builder:
		f.Append(arrow.Date32(v.Int()))
	case *array.Time64Builder:
		f.Append(arrow.Time64(v.Int()))
	case *array.TimestampBuilder:
		f.Append(arrow.Timestamp(v.Int()))
	case *array.StringBuilder:
		f.Append(v.Str())
	}
}
