package ask

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// A client comes back to a stream with an id. It is the position of the source,
//
//	0:1204,1:998
//
// and where the processors place records by keys first, so that a position of the source
// does not distinguish one change from the next, behind it the topic of the repartitioned records and the
// position in that:
//
//	0:1204,1:998;9f86d081884c7d65;0:731,1:1466
//
// The first part is then one that is surely reached, for clients that read it as a position.

// PlaceID is an id as a client sends it.
type PlaceID struct {
	Topic string
	At    tables.Position // of the topic, or of the source where that is empty
}

// ParsePlaceID reads an id; ok is false where the text is none.
func ParsePlaceID(text string) (id PlaceID, ok bool) {
	if _, rest, repartitioned := strings.Cut(text, ";"); repartitioned {
		if id.Topic, text, ok = strings.Cut(rest, ";"); !ok || id.Topic == "" {
			return id, false
		}
	}
	at, err := tables.ParsePosition(text)
	id.At = at
	return id, err == nil
}

// Append appends the id as text, with a position of the source that the place has all of.
func (id PlaceID) Append(dst []byte, source tables.Position) []byte {
	if id.Topic == "" {
		return id.At.Append(dst)
	}
	if len(source) == 0 {
		source = tables.Position{0} // no partition has reported records yet
	}
	dst = append(source.Append(dst), ';')
	dst = append(append(dst, id.Topic...), ';')
	return id.At.Append(dst)
}

// sourceOfID returns the position of the source that an id begins with which has more.
func sourceOfID(text string) (source string, ok bool) {
	if id, ok := ParsePlaceID(text); !ok || id.Topic == "" {
		return "", false
	}
	source, _, ok = strings.Cut(text, ";")
	return source, ok
}
