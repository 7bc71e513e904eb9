package render

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/tidemark/tidemark/views/store"
)

// A row group of a Parquet file is written when it has so many rows, or so many bytes, since
// it is held until then.
const (
	groupRows  = 128 << 10
	groupBytes = 16 << 20
)

// writeParquet writes a Parquet file, one row group after the other.
func writeParquet(s *Sink, sh *Shape, from Source) error {
	schema := sh.arrowSchema()
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("tidemark"))
	w, err := pqarrow.NewFileWriter(schema, s, props, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return fmt.Errorf("begin a Parquet file: %w", err)
	}
	rows := int64(0)
	write := func(rec arrow.RecordBatch) error {
		if rows >= groupRows || w.RowGroupTotalCompressedBytes() >= groupBytes {
			w.NewBufferedRowGroup()
			rows = 0
		}
		rows += rec.NumRows()
		return w.WriteBuffered(rec)
	}
	if err := from.Each(func(rows *store.Result) error { return s.records(sh, from, schema, rows, write) }); err != nil {
		return err
	}
	return w.Close()
}
