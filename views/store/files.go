package store

import (
	"context"
	"fmt"
	"runtime"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/persist"
)

// OpenBatch reads a batch that WriteBatch has written. The error is persist.ErrCorrupt for
// damaged files, persist.ErrOtherTable for a table that was declared otherwise, and
// fs.ErrNotExist when there is no such batch.
func OpenBatch(ctx context.Context, dir string, id uint64, t *tables.Table) (*Batch, error) {
	b, err := openBatch(ctx, dir, id, t, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, fmt.Errorf("open batch %d: %w", id, err)
	}
	return b, nil
}

func openBatch(ctx context.Context, dir string, id uint64, t *tables.Table, cores int) (*Batch, error) {
	l, err := mvcc.NewLayout(t)
	if err != nil {
		return nil, err
	}
	f, err := persist.Open(ctx, dir, id, t, persist.Reading{Cores: cores, Distinct: l.Tuning.DictionaryLimit})
	if err != nil {
		return nil, err
	}
	b := &mvcc.Base{Layout: l, Rows: int(f.Rows), Checksum: f.Checksum, Changelog: f.Changelog, Cols: f.Columns}
	b.BuildIndex(cores)
	b.BuildIndexes(cores)
	return &Batch{Cut: f.Cut, base: b, cores: cores}, nil
}

// WriteBatch writes a batch into dir, which is made if it is not there, and returns
// the path of the Parquet file. Only when everything is on disk does it count.
func WriteBatch(ctx context.Context, dir string, b *Batch) (path string, err error) {
	return persist.Write(ctx, dir, &persist.Batch{Cut: b.Cut, Table: b.base.Layout.Table, Columns: b.base.Cols})
}

// Load makes a batch the base of a store to which nothing was applied yet. Apply
// continues from its cut.
func (s *Store) Load(b *Batch) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	s.write.Lock()
	defer s.write.Unlock()
	v := s.current.Load()
	if v.Count > 0 || v.Base.Rows > 0 {
		return fmt.Errorf("load batch %d: the store has rows", b.Batch)
	}
	next := mvcc.Version{
		Generation: mvcc.NewGeneration(b.base), Rows: b.base.Rows, Number: v.Number + 1, Batch: b.Batch, Position: b.Source.Clone(),
	}
	s.applied = append([]int64(nil), b.Changelog...)
	s.publish(&next)
	return nil
}
