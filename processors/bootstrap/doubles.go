package bootstrap

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Where the older generation's partitions come together in one, a key may have been in
// several of them. Its older row is then the latest, whatever is read first, and a row that
// was given up takes no other one with it. While rows are kept, their home is the partition
// of the older changelog that they were read from.

// drop takes note of a tombstone of the older changelog.
func (k *keeping) drop(e *seed.Entry) error {
	deletion := e.Header(wire.DeletionName)
	if !k.doubles {
		return k.state.Previous.Drop(string(e.Key))
	}
	if k.bare {
		if wire.IsGivenUp(deletion) {
			return nil // the key is counted for the partition that has the later change
		}
		return k.state.Previous.Drop(string(e.Key))
	}
	s, elsewhere, err := k.kept(e.Key)
	if err != nil || s == nil {
		return err
	}
	if elsewhere {
		d, err := wire.ParseDeletion(deletion)
		if d.GivenUp {
			return nil
		}
		if order, _ := s.Precedence().Compare(d.Precedence()); err == nil && order > 0 {
			return nil
		}
	}
	return k.state.Previous.Drop(string(e.Key))
}

// isOutrun reports whether another partition has a later row of a key than the one at the
// given position.
func (k *keeping) isOutrun(key tables.Key, at tables.Precedence) (bool, error) {
	s, elsewhere, err := k.kept(key)
	if !elsewhere || err != nil {
		return false, err
	}
	order, _ := s.Precedence().Compare(at)
	return order > 0, nil
}

// kept returns the older row that there is of a key, and whether it was read from another
// partition than the one that is being read.
func (k *keeping) kept(key tables.Key) (s *wire.StateRow, elsewhere bool, err error) {
	b, err := k.state.Previous.Get(string(key))
	if len(b) == 0 || err != nil {
		return nil, false, err
	}
	row, err := wire.ParseStateRow(b)
	return &row, err == nil && row.SourcePartition != k.reading+1, err
}
