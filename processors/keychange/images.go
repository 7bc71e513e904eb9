package keychange

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// BeforeImages are the before-images of keys of this partition that became others.
type BeforeImages struct {
	opts  *Options
	state *state.Store
}

// Open takes the state that they are kept in.
func (i *BeforeImages) Open(s *state.Store) { i.state = s }

// Keep keeps the last row of a key that goes on under another one, for the
// insert that may need it. A deletion of nothing is kept, too: it says that there is
// no before-image. What is returned goes with the tombstone.
func (i *BeforeImages) Keep(c *tables.Change, row *tables.Row) ([]byte, error) {
	last := tables.Row{Offset: c.Offset}
	switch {
	case row != nil && len(row.Values) == i.opts.Columns:
		last = *row
	default:
		kept, err := i.Of(c.Key, c.NewKey, c.Source)
		if err != nil || kept != nil {
			return kept, err // of this very deletion: a tombstone follows it, or it is met again
		}
	}
	last.Source = c.Source
	image := wire.AppendStateRow(nil, i.opts.Fingerprint, &last)
	k := state.BeforeImage{Offset: c.Offset, At: i.opts.Clock().UnixMicro(), Row: image}
	return image, i.state.BeforeImages.Put(string(c.Key), string(c.NewKey), k)
}

// Of finds the last row of a key that became another one at the given position:
// the newest, where positions are not known. One without values says that there was
// no row. Nil when the deletion has not been met.
func (i *BeforeImages) Of(old, new tables.Key, source tables.SourcePosition) ([]byte, error) {
	var found, empty []byte
	err := i.state.BeforeImages.Of(string(old), string(new), func(k state.BeforeImage) (bool, error) {
		s, err := wire.ParseStateRow(k.Row)
		if err != nil {
			return false, fmt.Errorf("image: %w", err)
		}
		exact := s.Source.Same(source)
		if !exact && s.Source.Known() && source.Known() {
			return true, nil
		}
		if len(s.ValueBytes) == 0 {
			if empty == nil {
				empty = k.Row
			}
			return true, nil
		}
		if found == nil || exact {
			found = k.Row
		}
		return !exact, nil
	})
	if found == nil {
		found = empty
	}
	return found, err
}
