package harness

import (
	"context"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// ReadParquet reads a batch file's rows in the JSON forms of Tidemark's types:
// decimals as numbers, instants with microseconds and Z.
func ReadParquet(path string) ([]Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := file.NewParquetReader(f, file.WithReadProps(parquet.NewReaderProperties(memory.DefaultAllocator)))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer r.Close()
	ar, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	table, err := ar.ReadTable(context.Background())
	if err != nil {
		return nil, err
	}
	defer table.Release()
	rows := make([]Row, table.NumRows())
	for i := range rows {
		rows[i] = Row{}
	}
	for c := range int(table.NumCols()) {
		column := table.Column(c)
		_, documents := r.MetaData().Schema.Column(c).LogicalType().(schema.JSONLogicalType)
		at := 0
		for _, chunk := range column.Data().Chunks() {
			for i := range chunk.Len() {
				v, err := arrowValue(chunk, i)
				if documents {
					v, err = document(chunk, i)
				}
				if err != nil {
					return nil, fmt.Errorf("column %s: %w", column.Name(), err)
				}
				rows[at+i][column.Name()] = v
			}
			at += chunk.Len()
		}
	}
	return rows, nil
}
