package state

import (
	"context"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// Sweep looks at everything that is kept for a time and drops what is older than
// that: deletions before the offset that no replay reaches any more, before-images, and
// requests for them. It may take a minute; rows are written meanwhile. The context's end
// ends it.
func (s *Store) Sweep(ctx context.Context, before int64) (dropped int, err error) {
	since, err := s.Deletions.swept()
	if err != nil {
		return 0, err
	}
	now := s.disk.opts.Clock()
	brief := now.Add(-foundAtLeast).UnixMicro()
	n, err := s.disk.sweep(ctx, spaceRange(spaceTomb), func(b []byte) (bool, error) {
		t, err := parseTomb(b)
		return t.Offset < before && (t.Brief && t.Read < brief || t.Read < since), err
	})
	if err != nil {
		return n, err
	}
	for space, keep := range map[byte]time.Duration{spaceImage: s.disk.opts.KeepDeletions, spaceRequest: ImageRequestKept} {
		limit := now.Add(-keep).UnixMicro()
		m, err := s.disk.sweep(ctx, spaceRange(space), func(b []byte) (bool, error) {
			at, err := keptAt(b)
			return at < limit, err
		})
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (d *disk) sweep(ctx context.Context, r *util.Range, gone func(value []byte) (bool, error)) (int, error) {
	d.users.Add(1)
	defer d.users.Done()
	it := d.db.NewIterator(r, noCache())
	defer it.Release()
	var keys [][]byte
	n := 0
	for more, seen := true, 0; more; {
		keys = keys[:0]
		for more = it.Next(); more; more = it.Next() {
			if seen++; seen%sweepAtOnce == 0 && ctx.Err() != nil {
				return n, ctx.Err()
			}
			yes, err := gone(it.Value())
			if err != nil {
				return n, d.note(err)
			}
			if yes {
				if keys = append(keys, append([]byte(nil), it.Key()...)); len(keys) == sweepAtOnce {
					break
				}
			}
		}
		if err := d.drop(keys, gone); err != nil {
			return n, err
		}
		n += len(keys)
	}
	return n, d.note(it.Error())
}

// drop removes what is still as it was when it was looked at, in steps between which the
// writer has its turn.
func (d *disk) drop(keys [][]byte, gone func(value []byte) (bool, error)) error {
	for len(keys) > 0 {
		n := min(forgetAtOnce, len(keys))
		if err := d.dropSome(keys[:n], gone); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (d *disk) dropSome(keys [][]byte, gone func(value []byte) (bool, error)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range keys {
		b, err := d.get(k[0], string(k[1:]))
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		if yes, err := gone(b); err != nil || !yes {
			continue
		}
		d.remove(append([]byte(nil), k...))
	}
	return d.grown()
}
