package batchfile

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// Reader reads a file. Different columns can be read at the same time.
type Reader struct {
	columns []Column
	r       *file.Reader
}

// Open opens a file that was written with the given columns. Damage that the decoder
// panics at is an error.
func Open(path string, columns []Column) (_ *Reader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("file cannot be decoded: %v", p)
		}
	}()
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, err
	}
	out := &Reader{columns: columns, r: r}
	if err := out.check(); err != nil {
		return nil, fmt.Errorf("%w (%v)", err, r.Close())
	}
	return out, nil
}

func (r *Reader) check() error {
	found := r.r.MetaData().Schema
	if n := found.NumColumns(); n != len(r.columns) {
		return fmt.Errorf("file has %d columns, not %d", n, len(r.columns))
	}
	for i, c := range r.columns {
		want, err := node(c)
		if err != nil {
			return err
		}
		if !found.Column(i).SchemaNode().Equals(want) {
			return fmt.Errorf("column %d is %s, not %s", i+1, found.Column(i).SchemaNode(), want)
		}
	}
	return nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.r.Close() }

// Rows returns the number of rows.
func (r *Reader) Rows() int64 { return r.r.NumRows() }

// Metadata returns a value that Close of the Writer was given, or "".
func (r *Reader) Metadata(key string) string {
	if v := r.r.MetaData().KeyValueMetadata().FindValue(key); v != nil {
		return *v
	}
	return ""
}

const batchRows = 16 << 10

// Column reads a column from its first row to its last and calls each with
// consecutive blocks. Damage to the file that its decoder panics at is an error.
func (r *Reader) Column(column int, each func(b *Block) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("column %s: cannot be decoded: %v", r.columns[column].Name, p)
		}
	}()
	in := columnReader{block: Block{Present: make([]int16, batchRows)}}
	for g := range r.r.NumRowGroups() {
		chunk, err := r.r.RowGroup(g).Column(column)
		if err == nil {
			err = in.read(chunk, r.r.RowGroup(g).NumRows(), each)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", r.columns[column].Name, err)
		}
	}
	return nil
}

// columnReader has the buffers of one column's reading.
type columnReader struct {
	block  Block
	ints   []int64
	dates  []int32
	bools  []bool
	floats []float64
	fixed  []parquet.FixedLenByteArray
	texts  []parquet.ByteArray
}

func (c *columnReader) read(chunk file.ColumnChunkReader, rows int64, each func(b *Block) error) error {
	for rows > 0 {
		n, err := c.next(chunk, min(rows, batchRows))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%d rows are missing", rows)
		}
		rows -= n
		if err := each(&c.block); err != nil {
			return err
		}
	}
	return nil
}

func room[T any](s []T) []T {
	if s == nil {
		return make([]T, batchRows)
	}
	return s
}

// next reads the next rows, none of which are in different pages: values can alias
// the page.
func (c *columnReader) next(chunk file.ColumnChunkReader, rows int64) (n int64, err error) {
	b := &c.block
	b.Reset()
	present := b.Present[:batchRows]
	var values int
	switch r := chunk.(type) {
	case *file.Int64ColumnChunkReader:
		c.ints = room(c.ints)
		n, values, err = r.ReadBatch(rows, c.ints, present, nil)
		b.Ints = c.ints[:values]
	case *file.Int32ColumnChunkReader:
		c.dates, c.ints = room(c.dates), room(c.ints)
		n, values, err = r.ReadBatch(rows, c.dates, present, nil)
		for i, x := range c.dates[:values] {
			c.ints[i] = int64(x)
		}
		b.Ints = c.ints[:values]
	case *file.BooleanColumnChunkReader:
		c.bools = room(c.bools)
		n, values, err = r.ReadBatch(rows, c.bools, present, nil)
		b.Bools = c.bools[:values]
	case *file.Float64ColumnChunkReader:
		c.floats = room(c.floats)
		n, values, err = r.ReadBatch(rows, c.floats, present, nil)
		b.Floats = c.floats[:values]
	case *file.FixedLenByteArrayColumnChunkReader:
		c.fixed = room(c.fixed)
		n, values, err = r.ReadBatchInPage(rows, c.fixed, present, nil)
		for _, x := range c.fixed[:values] {
			b.Wides = append(b.Wides, [16]byte(x))
		}
	case *file.ByteArrayColumnChunkReader:
		c.texts = room(c.texts)
		n, values, err = r.ReadBatchInPage(rows, c.texts, present, nil)
		for _, x := range c.texts[:values] {
			b.Texts = append(b.Texts, x)
		}
	default:
		return 0, fmt.Errorf("no reader for %T", chunk)
	}
	b.Rows, b.Present = int(n), present[:n]
	return n, err
}
