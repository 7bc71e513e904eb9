package rowwriter

import (
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// OriginOf is where a state row comes from.
func OriginOf(offset int64, row []byte) state.Origin {
	o := state.Origin{Offset: offset}
	if s, err := wire.ParseStateRow(row); err == nil { // an unreadable row is found when it is needed
		o.Source, o.Time = s.LastStreamed()
		o.Latest = s.Time
	}
	return o
}

// OriginOfDeletion is where a deletion comes from. A row that is given up says nothing of
// this partition's position in the database's log.
func OriginOfDeletion(offset int64, d *wire.Deletion) state.Origin {
	if d.GivenUp {
		return state.Origin{Offset: offset}
	}
	return state.Origin{Offset: offset, Source: d.Source, Time: d.Time, Latest: d.Time}
}
