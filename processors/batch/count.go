package batch

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// count is the number of a batch's rows and their checksum, kept by differences against the
// hashes of the batch before it.
type count struct {
	hashes *state.Hashes
	rows   int64
	sum    uint64
}

// add counts a row, unless it is hidden.
func (c *count) add(key, b []byte) (bool, error) {
	row, err := wire.ParseStateRow(b)
	if err != nil || row.Hidden {
		return false, err
	}
	h := wire.RowHash(tables.Key(key), row.ValueBytes)
	c.rows++
	c.sum += h
	return true, c.hashes.Set(key, h)
}

// change counts a row that changed since the last batch; it is gone without bytes.
func (c *count) change(key, b []byte) error {
	old, had, err := c.hashes.Get(key)
	if err != nil {
		return err
	}
	if had {
		c.rows--
		c.sum -= old
	}
	visible := false
	if b != nil {
		if visible, err = c.add(key, b); err != nil {
			return err
		}
	}
	if had && !visible {
		return c.hashes.Drop(key)
	}
	return nil
}
