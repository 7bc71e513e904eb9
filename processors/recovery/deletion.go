package recovery

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// Delete applies a record that is a deletion, under a stamp.
func (v *Recovery) Delete(rec *Record, stamp int64) error {
	from := state.Origin{Offset: stamp}
	t := state.Tomb{Offset: stamp, Read: rec.Written, Deletion: rec.Says}
	if wire.IsGivenUp(rec.Says) {
		v.topGivenUp = max(v.topGivenUp, stamp)
	}
	if rec.Says == nil {
		return v.state.Delete(rec.Key, t, from)
	}
	d, err := wire.ParseDeletion(rec.Says)
	if err != nil { // the deletion itself can be read
		v.opts.Unreadable(rec.Offset, err)
		t.Deletion = nil
		return v.state.Delete(rec.Key, t, from)
	}
	from = rowwriter.OriginOfDeletion(stamp, &d)
	t.Read, t.Brief = d.Read, d.Truncate
	if d.Logged != 0 { // its key may be in several partitions: see rowwriter.Options.KeptFrom
		t.Read = max(d.Read, rec.Written)
	}
	if rec.BeforeImage != nil {
		i := state.BeforeImage{Offset: stamp, At: rec.Written, Row: rec.BeforeImage}
		if err := v.state.BeforeImages.Put(rec.Key, string(d.NewKey), i); err != nil {
			return err
		}
	}
	return v.state.Delete(rec.Key, t, from)
}
