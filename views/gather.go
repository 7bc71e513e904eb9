package views

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// gathering makes the first rows of a session of the records of the snapshot topic.
type gathering struct {
	*session
	in    *filler
	batch *rows.Batch
	seen  places
}

// take takes a record of the snapshot topic.
func (g *gathering) take(r topics.Record) error {
	it := item{partition: r.Partition, source: -1, key: tables.Key(r.Key)}
	if r.Value == nil {
		if _, err := wire.ParseDeletion(r.Told); err == nil {
			it.told = r.Told
		}
	} else if err := g.read(&it, r); err != nil { // what is left of the topic does not make the batch
		return fmt.Errorf("record %d:%d: %w", r.Partition, r.Offset, errors.Join(batches.ErrDiffers, err))
	}
	if g.homes.several {
		hash := hashOf(it.key)
		if wire.IsGivenUp(it.told) {
			return g.giveUp(&it, hash)
		}
		elsewhere, err := g.elsewhere(&it, hash)
		if err != nil {
			return err
		}
		if elsewhere {
			return g.several(&it, hash)
		}
	}
	return g.add(&it)
}

// elsewhere reports whether another partition has, or has had, something of a key.
func (g *gathering) elsewhere(it *item, hash uint64) (bool, error) {
	before, there := g.seen.put(hash, it.partition)
	switch {
	case there && before != it.partition || g.homes.has(hash):
		return true, nil
	case !there || !g.homes.deletions.has(hash):
		return false, nil
	}
	if err := g.flush(); err != nil {
		return false, err
	}
	c, deleted, err := g.disk().Deletion(it.key)
	return deleted && c.Partition != it.partition, err
}

// read reads the row of a snapshot record.
func (g *gathering) read(it *item, r topics.Record) error {
	values, row, err := g.snapshotRow(r.Value)
	if err != nil {
		return err
	}
	state, err := wire.ParseStateRow(row)
	it.values, it.row, it.source, it.unsettled = values, row, state.Offset, state.Unsettled
	return err
}

// add takes what a record says for the row of its key.
func (g *gathering) add(it *item) error {
	switch {
	case it.row == nil:
		g.bury(g.batch, it.partition, it.key, 0, it.told)
	default:
		g.batch.Put(it.partition, it.key, it.row)
		if it.unsettled {
			g.homes.note(hashOf(it.key), false, false)
			g.batch.PutCopies(it.key, []rows.Copy{{Partition: it.partition, Offset: it.source}})
		}
	}
	return g.show(it.partition, it.key, it.values)
}

func (g *gathering) show(partition int32, key tables.Key, values []tables.Value) error {
	if err := g.in.add(store.Change{Partition: partition, Offset: -1, Key: key, Values: values}); err != nil {
		return errors.Join(batches.ErrDiffers, err)
	}
	return nil
}

// several takes a record of a key that another partition has something of, too.
func (g *gathering) several(it *item, hash uint64) error {
	if err := g.flush(); err != nil {
		return err
	}
	all, _, err := g.copiesOf(it.key)
	if err != nil {
		return err
	}
	if all = taken(all, it); len(all) == 0 {
		return nil
	}
	return g.choose(it, hash, all)
}

// choose shows the latest of what the partitions have of a key.
func (g *gathering) choose(it *item, hash uint64, all []rows.Copy) error {
	i, settled, err := latest(all)
	if err != nil {
		return err
	}
	g.keep(g.batch, it.key, all, all[i])
	g.homes.note(hash, doubled(all), settled)
	values, err := valuesOf(all[i])
	if err != nil {
		return err
	}
	return g.show(all[i].Partition, it.key, values)
}

// giveUp takes a row out that its partition has given up. What is later is in the batch, too:
// nobody sees the rows before all of it is read.
func (g *gathering) giveUp(it *item, hash uint64) error {
	if !g.seen.has(hash) {
		return nil
	}
	if err := g.flush(); err != nil {
		return err
	}
	all, _, err := g.copiesOf(it.key)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c rows.Copy) bool { return c.Partition == it.partition })
	if i < 0 {
		return nil
	}
	if all = slices.Delete(all, i, i+1); len(all) > 0 {
		return g.choose(it, hash, all)
	}
	g.forget(g.batch, it.partition, it.key, 0)
	return g.show(it.partition, it.key, nil)
}

func (g *gathering) flush() error {
	if g.batch.Len() == 0 {
		return nil
	}
	err := g.disk().Write(g.batch)
	g.batch.Reset()
	return err
}

// places are the partitions that keys were seen in, the last of each. Two keys in a great
// many count as one: who is told of another partition looks at what is there.
type places struct {
	slots []uint64 // 44 bits of the hash, 20 of the partition; 0 is free
	used  int
}

const placeBits = 20

// has reports whether a key was seen.
func (p *places) has(hash uint64) bool {
	return len(p.slots) > 0 && p.slots[p.find((hash|1<<63)>>placeBits<<placeBits)] != 0
}

// put notes where a key is, and returns where it was before.
func (p *places) put(hash uint64, partition int32) (before int32, there bool) {
	if 3*p.used >= 2*len(p.slots) {
		p.grow()
	}
	entry := (hash|1<<63)>>placeBits<<placeBits | uint64(partition)
	at := p.find(entry)
	if old := p.slots[at]; old != 0 {
		before, there = int32(old&(1<<placeBits-1)), true
	} else {
		p.used++
	}
	p.slots[at] = entry
	return before, there
}

// find returns the slot of an entry's key, or the free one for it.
func (p *places) find(entry uint64) int {
	at := int((entry >> placeBits) * 0x9e3779b97f4a7c15 % uint64(len(p.slots)))
	for p.slots[at] != 0 && p.slots[at]>>placeBits != entry>>placeBits {
		if at++; at == len(p.slots) {
			at = 0
		}
	}
	return at
}

func (p *places) grow() {
	old := p.slots
	p.slots = make([]uint64, max(1<<12, 2*len(old)))
	for _, entry := range old {
		if entry != 0 {
			p.slots[p.find(entry)] = entry
		}
	}
}
