package processors

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Here is what is known of a row that was given up, where keys are folded and recovered.

// originOfDeletion is where a deletion comes from. A row that is given up says nothing of
// this partition's place in the database's log.
func originOfDeletion(offset int64, d *wire.Deletion) state.Origin {
	if d.GivenUp {
		return state.Origin{Offset: offset}
	}
	return state.Origin{Offset: offset, Source: d.Source, Time: d.Time, Latest: d.Time}
}

// cameBack reports whether a record of the changelog is the row that was given up, written
// once more by a writer that had lost the partition.
func cameBack(t *state.Tomb, offset int64, row bool) bool {
	return row && t.Offset == offset && wire.IsGivenUp(t.Told)
}

// knowGivenUp is lookUpDeletion for a row that was given up. The position is that of another
// partition's change: what the source sends again from before it is a repetition, but no
// snapshot's row hands it on as this partition's.
func knowGivenUp(known *fold.Known, d *wire.Deletion, c *tables.Change) {
	known.GivenUp = true
	if !c.Source.Snapshot && !d.Source.Snapshot {
		known.Source, known.Time = d.Source, d.Time
	}
}
