package state

import (
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// each calls fn for every key of a space. What is held back is written first.
func (d *disk) each(space byte, fn func(key string, value []byte) error) error {
	return d.eachIn(spaceRange(space), func(key, value []byte) error { return fn(string(key[1:]), value) })
}

// eachIn is each for a range of keys, of which fn gets the space as well.
func (d *disk) eachIn(r *util.Range, fn func(key, value []byte) error) error {
	if err := d.sync(); err != nil {
		return err
	}
	d.users.Add(1)
	defer d.users.Done()
	it := d.db.NewIterator(r, nil)
	defer it.Release()
	for it.Next() {
		if err := fn(it.Key(), it.Value()); err != nil {
			return err
		}
	}
	return d.note(it.Error())
}

const wipeBytes = 256 * kib

// wipe removes a range of keys, in pieces.
func (d *disk) wipe(r *util.Range) error {
	d.users.Add(1)
	defer d.users.Done()
	it := d.db.NewIterator(r, noCache())
	defer it.Release()
	b, n := new(leveldb.Batch), 0
	for it.Next() {
		b.Delete(it.Key())
		if n += len(it.Key()) + 8; n >= wipeBytes {
			if err := d.db.Write(b, nil); err != nil {
				return d.note(err)
			}
			b.Reset()
			n = 0
		}
	}
	if err := it.Error(); err != nil {
		return d.note(err)
	}
	return d.note(d.db.Write(b, nil))
}

func spaceRange(space byte) *util.Range { return util.BytesPrefix([]byte{space}) }

func noCache() *opt.ReadOptions { return &opt.ReadOptions{DontFillCache: true} }
