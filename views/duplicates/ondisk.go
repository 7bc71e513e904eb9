package duplicates

import (
	"context"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// Copies keeps what the partitions have of keys in the rows on disk.
type Copies struct {
	Rows  func() *rows.DB
	Keys  *Keys
	Clock func() time.Time
}

// Recall finds out what the rows on disk say about keys in several partitions.
func (c *Copies) Recall(asked func() uint64) error {
	ctx := context.Background()
	err := c.Rows().EachCopies(ctx, func(key tables.Key, all []rows.Copy) error {
		_, settled, err := Latest(all)
		if err == nil {
			c.Keys.Follow(Hash(key), IsDuplicate(all), settled && IsDuplicate(all))
			c.Keys.Leave(Hash(key), all, asked)
		}
		return err
	})
	if err == nil && c.Keys.Several {
		err = c.Rows().EachDeletion(ctx, func(key tables.Key) { c.Keys.Deletions.Add(Hash(key)) })
	}
	if err != nil {
		return fmt.Errorf("keys in several partitions: %w", err)
	}
	return nil
}

// Of returns what the partitions have of a key, and which of it is shown. Of a key
// that only one has something of, that is the row, or the newest deletion.
func (c *Copies) Of(key tables.Key) (all []rows.Copy, shown rows.Copy, err error) {
	if all, err = c.Rows().Copies(key); err != nil {
		return nil, shown, err
	}
	if len(all) > 0 {
		i, _, err := Latest(all)
		if err != nil {
			return nil, shown, err
		}
		return all, all[i], nil
	}
	row, p, err := c.Rows().Row(key)
	if err != nil {
		return nil, shown, err
	}
	if row != nil {
		state, err := wire.ParseStateRow(row)
		if err != nil {
			return nil, shown, fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		shown = rows.Copy{Partition: p, Offset: state.Offset, Kind: rows.Shown, Bytes: row}
		return []rows.Copy{shown}, shown, nil
	}
	shown, there, err := c.Rows().Deletion(key)
	if err != nil || !there || wire.IsGivenUp(shown.Bytes) {
		return nil, rows.Copy{Partition: -1}, err
	}
	return []rows.Copy{shown}, shown, nil
}

// Keep writes what is known of a key, and what is shown of it, to the rows on disk.
func (c *Copies) Keep(batch *rows.Batch, key tables.Key, all []rows.Copy, shown rows.Copy) {
	if shown.Kind == rows.Shown {
		batch.Put(shown.Partition, key, shown.Bytes)
	} else {
		c.Bury(batch, shown.Partition, key, max(shown.Offset, 0), Tombstone(shown))
	}
	for i := range all {
		if all[i].Kind != rows.Shown {
			c.Keys.Deletions.Add(Hash(key))
		}
	}
	if IsDuplicate(all) {
		batch.PutCopies(key, all)
	} else {
		batch.DropCopies(key)
	}
}

// Bury removes a row, and keeps what another partition's row of the key is compared with.
func (c *Copies) Bury(batch *rows.Batch, partition int32, key tables.Key, source int64, deletion []byte) {
	if !c.Keys.Several {
		batch.Delete(partition, key, source)
		return
	}
	c.Keys.Deletions.Add(Hash(key))
	batch.DeleteMarked(partition, key, source, deletion, uint32(c.Clock().Unix()))
}

// Forget removes a row that was given up: nothing else is known of its key.
func (c *Copies) Forget(batch *rows.Batch, partition int32, key tables.Key, source int64) {
	c.Bury(batch, partition, key, source, wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}))
	batch.DropCopies(key)
	c.Keys.Follow(Hash(key), false, true)
}
