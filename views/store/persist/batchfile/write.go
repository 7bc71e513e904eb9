package batchfile

import (
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// Writer writes a file, row group by row group.
type Writer struct {
	columns []Column
	w       *file.Writer
	block   Block
	dates   []int32
	fixed   []parquet.FixedLenByteArray
	texts   []parquet.ByteArray
}

// NewWriter begins a file. sorted are the places of the columns that the rows are
// in the order of, ascending, nulls last.
func NewWriter(w io.Writer, columns []Column, sorted []int) (*Writer, error) {
	root, err := group(columns)
	if err != nil {
		return nil, err
	}
	o := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(GroupRows),
		parquet.WithCreatedBy("tidemark"), parquet.WithVersion(parquet.V2_LATEST), parquet.WithDataPageVersion(parquet.DataPageV1),
	}
	for _, c := range columns {
		if c.Dictionary {
			o = append(o, parquet.WithDictionaryFor(c.Name, true))
		}
	}
	var order []parquet.SortingColumn
	for _, c := range sorted {
		order = append(order, parquet.SortingColumn{ColumnIdx: int32(c)})
	}
	o = append(o, parquet.WithSortingColumns(order))
	out, err := file.NewParquetWriterWithError(w, root, file.WithWriterProps(parquet.NewWriterProperties(o...)))
	return &Writer{columns: columns, w: out}, err
}

// Group writes the next row group. fill is called for each column with an empty
// block, and puts the column's values into it.
func (w *Writer) Group(fill func(column int, b *Block)) error {
	g, err := w.w.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	for i, c := range w.columns {
		out, err := g.NextColumn()
		if err != nil {
			return err
		}
		w.block.Reset()
		fill(i, &w.block)
		if err := w.write(out, &w.block); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		if err := out.Close(); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return g.Close()
}

func (w *Writer) write(out file.ColumnChunkWriter, b *Block) (err error) {
	switch out := out.(type) {
	case *file.Int64ColumnChunkWriter:
		_, err = out.WriteBatch(b.Ints, b.Present, nil)
	case *file.Int32ColumnChunkWriter:
		w.dates = w.dates[:0]
		for _, x := range b.Ints {
			if x < math.MinInt32 || x > math.MaxInt32 {
				return fmt.Errorf("day %d has no place in a Parquet date", x)
			}
			w.dates = append(w.dates, int32(x))
		}
		_, err = out.WriteBatch(w.dates, b.Present, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = out.WriteBatch(b.Bools, b.Present, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = out.WriteBatch(b.Floats, b.Present, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		w.fixed = w.fixed[:0]
		for i := range b.Wides {
			w.fixed = append(w.fixed, b.Wides[i][:])
		}
		_, err = out.WriteBatch(w.fixed, b.Present, nil)
	case *file.ByteArrayColumnChunkWriter:
		w.texts = w.texts[:0]
		for _, t := range b.Texts {
			w.texts = append(w.texts, t)
		}
		_, err = out.WriteBatch(w.texts, b.Present, nil)
	default:
		return fmt.Errorf("no writer for %T", out)
	}
	return err
}

// Close ends the file, with metadata of ours.
func (w *Writer) Close(metadata map[string]string) error {
	for k, v := range metadata {
		if err := w.w.AppendKeyValueMetadata(k, v); err != nil {
			return err
		}
	}
	return w.w.Close()
}
