package persist

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/persist/batchfile"
)

// Reading says how a batch is read.
type Reading struct {
	Cores int
	// Distinct returns how many distinct texts a column of so many rows may have and still
	// be kept as codes.
	Distinct func(rows int) int
}

// Open reads a batch that Write has written. The error is ErrCorrupt for damaged files,
// ErrOtherTable for a table that was declared otherwise, and fs.ErrNotExist when there is
// no such batch.
func Open(ctx context.Context, dir string, id uint64, t *tables.Table, how Reading) (*Batch, error) {
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
	if err := m.verify(Path(dir, id)); err != nil {
		return nil, err
	}
	b := &Batch{Cut: cut, Table: t, Columns: make([]column.Column, len(t.Columns))}
	if err := b.read(ctx, Path(dir, id), how); err != nil {
		if ctx.Err() != nil || errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return b, nil
}

// read reads all columns.
func (b *Batch) read(ctx context.Context, path string, how Reading) error {
	declared := make([]batchfile.Column, len(b.Columns))
	for i, c := range b.Table.Columns {
		declared[i] = batchfile.Column{Name: c.Name, Type: c.Type}
	}
	r, err := batchfile.Open(path, declared)
	if err != nil {
		return err
	}
	defer r.Close() // only read from
	if r.Rows() != b.Rows {
		return fmt.Errorf("file has %d rows, its manifest %d", r.Rows(), b.Rows)
	}
	n := notes{}
	if err := json.Unmarshal([]byte(r.Metadata(notesKey)), &n); err != nil || n.Version != fileVersion {
		return fmt.Errorf("metadata of the file cannot be read")
	}
	errs := make([]error, len(b.Columns))
	work := make(chan int, len(b.Columns))
	for i := range b.Columns {
		work <- i
	}
	close(work)
	var wg sync.WaitGroup
	for range how.Cores {
		wg.Go(func() {
			for i := range work {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = b.readColumn(r, i, &n, how.Distinct)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (b *Batch) readColumn(r *batchfile.Reader, col int, n *notes, distinct func(rows int) int) error {
	rows := int(b.Rows)
	declared := b.Table.Columns[col]
	c := column.Column{Type: declared.Type, Form: column.FormOf(declared.Type), Valid: column.NewBitmap(rows)}
	name := declared.Name
	in := columnFill{Column: &c, limit: distinct(rows), rows: rows}
	if err := r.Column(col, in.take); err != nil {
		return err
	}
	if in.row != rows {
		return fmt.Errorf("column %s has %d rows of %d", name, in.row, rows)
	}
	for row, days := range n.Dates[name] {
		if row < 0 || row >= b.Rows || c.Type.Kind != tables.Date {
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
		if c.Gone, err = parseRuns(raw, rows); err != nil {
			return err
		}
	}
	c.TrimBitmaps(rows)
	c.MakeZones(rows)
	b.Columns[col] = c
	return nil
}
