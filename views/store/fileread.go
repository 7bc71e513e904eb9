package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/batchfile"
	"github.com/tidemark/tidemark/views/store/column"
)

// OpenBatch reads a batch that WriteBatch has written. The error is ErrCorrupt for
// damaged files, ErrOtherTable for a table that was declared otherwise, and
// fs.ErrNotExist when there is no such batch.
func OpenBatch(ctx context.Context, dir string, id uint64, t *tables.Table) (*Batch, error) {
	b, err := openBatch(ctx, dir, id, t, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, fmt.Errorf("open batch %d: %w", id, err)
	}
	return b, nil
}

func openBatch(ctx context.Context, dir string, id uint64, t *tables.Table, cores int) (*Batch, error) {
	l, err := newLayout(t)
	if err != nil {
		return nil, err
	}
	m, err := readFileManifest(dir, id)
	if err != nil {
		return nil, err
	}
	if err := m.fits(t); err != nil {
		return nil, err
	}
	cut, err := m.cut()
	if err != nil {
		return nil, err
	}
	if err := m.verify(BatchPath(dir, id)); err != nil {
		return nil, err
	}
	b := &base{layout: l, rows: int(cut.Rows), checksum: cut.Checksum, changelog: cut.Changelog, cols: make([]column.Column, len(l.types))}
	if err := b.read(ctx, BatchPath(dir, id), cores); err != nil {
		if ctx.Err() != nil || errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	b.buildIndex(cores)
	b.buildIndexes(cores)
	b.batch = &Batch{Cut: cut, base: b, cores: cores}
	return b.batch, nil
}

// read reads all columns, on so many cores.
func (b *base) read(ctx context.Context, path string, cores int) error {
	declared := make([]batchfile.Column, len(b.cols))
	for i, c := range b.layout.table.Columns {
		declared[i] = batchfile.Column{Name: c.Name, Type: c.Type}
	}
	r, err := batchfile.Open(path, declared)
	if err != nil {
		return err
	}
	defer r.Close() // only read from
	if r.Rows() != int64(b.rows) {
		return fmt.Errorf("file has %d rows, its manifest %d", r.Rows(), b.rows)
	}
	n := notes{}
	if err := json.Unmarshal([]byte(r.Metadata(notesKey)), &n); err != nil || n.Version != fileVersion {
		return fmt.Errorf("metadata of the file cannot be read")
	}
	errs := make([]error, len(b.cols))
	work := make(chan int, len(b.cols))
	for i := range b.cols {
		work <- i
	}
	close(work)
	var wg sync.WaitGroup
	for range cores {
		wg.Go(func() {
			for i := range work {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = b.readColumn(r, i, &n)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (b *base) readColumn(r *batchfile.Reader, col int, n *notes) error {
	c := column.Column{Type: b.layout.types[col], Form: b.layout.forms[col], Valid: column.NewBitmap(b.rows)}
	name := b.layout.table.Columns[col].Name
	in := columnFill{Column: &c, tuning: b.layout.tuning, rows: b.rows}
	if err := r.Column(col, in.take); err != nil {
		return err
	}
	if in.row != b.rows {
		return fmt.Errorf("column %s has %d rows of %d", name, in.row, b.rows)
	}
	for row, days := range n.Dates[name] {
		if row < 0 || row >= int64(b.rows) || c.Type.Kind != tables.Date {
			return fmt.Errorf("column %s: a date of row %d", name, row)
		}
		in.ints[row] = days
		c.Valid.Set(int(row))
	}
	in.finish()
	if runs, ok := n.Unavailable[name]; ok {
		raw, err := base64.StdEncoding.DecodeString(runs)
		if err != nil {
			return err
		}
		if c.Gone, err = parseRuns(raw, b.rows); err != nil {
			return err
		}
	}
	c.TrimBitmaps(b.rows)
	c.MakeZones(b.rows)
	b.cols[col] = c
	return nil
}

// Load makes a batch the base of a store to which nothing was applied yet. Apply
// goes on from its cut.
func (s *Store) Load(b *Batch) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	s.write.Lock()
	defer s.write.Unlock()
	v := s.current.Load()
	if v.count > 0 || v.base.rows > 0 {
		return fmt.Errorf("load batch %d: the store has rows", b.Batch)
	}
	next := version{
		generation: newGeneration(b.base), rows: b.base.rows, number: v.number + 1, batch: b.Batch, position: b.Source.Clone(),
	}
	s.applied = append([]int64(nil), b.Changelog...)
	s.publish(&next)
	return nil
}
