package persist

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/persist/batchfile"
)

// Write writes a batch into dir, which is made if it is not there, and returns
// the path of the Parquet file. Only when everything is on disk does it count.
func Write(ctx context.Context, dir string, b *Batch) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("write batch %d: %w", b.Batch, err)
	}
	path = Path(dir, b.Batch)
	manifest := newFileManifest(b.Table, b.Cut)
	err = localdb.WriteWhole(path, partialSuffix, func(w io.Writer) error {
		sum := xxhash.New()
		buffered := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<20)
		if err := b.write(ctx, buffered); err != nil {
			return err
		}
		manifest.XXHash64 = hex64(sum.Sum64())
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("write batch %d: %w", b.Batch, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("write batch %d: %w", b.Batch, err)
	}
	manifest.Bytes = info.Size()
	err = localdb.WriteWhole(manifestPath(dir, b.Batch), partialSuffix, func(w io.Writer) error {
		text, err := json.MarshalIndent(manifest, "", "  ")
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("write batch %d: %w", b.Batch, err)
	}
	return path, nil
}

func (b *Batch) fileColumns() []batchfile.Column {
	out := make([]batchfile.Column, len(b.Columns))
	for i, c := range b.Table.Columns {
		out[i] = batchfile.Column{Name: c.Name, Type: c.Type, Dictionary: recurs(&b.Columns[i], int(b.Rows))}
	}
	return out
}

const (
	// recurSample is how many rows, at even distances, say whether values recur.
	recurSample = 1 << 14
	// recurSpan is how many integers may lie between the least and the largest.
	recurSpan = 1 << 12
)

// recurs reports whether a dictionary may pay in a file, as far as some rows show. It goes
// by rows alone: the dictionary and the width that a column has in memory depend on what
// was there before, and the files of a batch are the same at all views.
func recurs(c *column.Column, rows int) bool {
	n := min(rows, recurSample)
	switch {
	case c.Form == column.FormText:
		seen, present := map[string]struct{}{}, 0
		for i := range n {
			if row := i * rows / n; !c.IsNull(row) {
				seen[c.Text(row)] = struct{}{}
				present++
			}
		}
		return 2*len(seen) <= present
	case c.Form == column.FormInt && c.Type.Kind != tables.Bool:
		low, high := int64(math.MaxInt64), int64(math.MinInt64)
		for i := range n {
			if row := i * rows / n; !c.IsNull(row) {
				low, high = min(low, c.Ints.At(row)), max(high, c.Ints.At(row))
			}
		}
		return low <= high && uint64(high)-uint64(low) < recurSpan
	}
	return false
}

// onlyWriter hides the other methods of a writer.
type onlyWriter struct{ io.Writer }

func (b *Batch) write(ctx context.Context, out *bufio.Writer) error {
	rows := int(b.Rows)
	w, err := batchfile.NewWriter(onlyWriter{out}, b.fileColumns(), b.Table.SortColumns())
	if err != nil {
		return err
	}
	n := notes{Version: fileVersion, Unavailable: map[string]string{}, Dates: map[string]map[int64]int64{}}
	for from := 0; from < rows; from += batchfile.GroupRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+batchfile.GroupRows, rows)
		if err := w.Group(func(col int, block *batchfile.Block) { b.fillBlock(col, from, to, block, &n) }); err != nil {
			return err
		}
	}
	for i, c := range b.Table.Columns {
		if gone := b.Columns[i].Gone; gone != nil {
			n.Unavailable[c.Name] = base64.StdEncoding.EncodeToString(appendRuns(nil, gone, rows))
		}
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := w.Close(map[string]string{notesKey: string(text)}); err != nil {
		return err
	}
	return out.Flush()
}

// fillBlock puts the values of rows of one column into a block.
func (b *Batch) fillBlock(col, from, to int, block *batchfile.Block, n *notes) {
	c := &b.Columns[col]
	block.Rows = to - from
	for row := from; row < to; row++ {
		if c.IsNull(row) {
			block.Present = append(block.Present, 0)
			continue
		}
		if c.Type.Kind == tables.Date {
			if x := c.Ints.At(row); x < math.MinInt32 || x > math.MaxInt32 {
				n.date(b.Table.Columns[col].Name, row, x)
				block.Present = append(block.Present, 0)
				continue
			}
		}
		block.Present = append(block.Present, 1)
		switch {
		case c.Form == column.FormText:
			s := c.Text(row) // only read from
			block.Texts = append(block.Texts, unsafe.Slice(unsafe.StringData(s), len(s)))
		case c.Form == column.FormWide:
			var x [16]byte
			w := c.Wide(row)
			binary.BigEndian.PutUint64(x[:8], uint64(w.Hi)^signFlip(c.Type))
			binary.BigEndian.PutUint64(x[8:], w.Lo)
			block.Wides = append(block.Wides, x)
		case c.Type.Kind == tables.Bool:
			block.Bools = append(block.Bools, c.Ints.At(row) != 0)
		case c.Type.Kind == tables.Float64:
			block.Floats = append(block.Floats, column.FloatOfOrder(c.Ints.At(row)))
		default:
			block.Ints = append(block.Ints, c.Ints.At(row))
		}
	}
}

// signFlip is what turns the upper half of a uuid into a number of its order, and back.
func signFlip(t tables.Type) uint64 {
	if t.Kind == tables.UUID {
		return 1 << 63
	}
	return 0
}
