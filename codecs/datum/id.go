package datum

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ID names a schema in a registry, by number or by GUID.
type ID struct {
	Number uint32   // from 1 to 2147483647; 0 when the GUID names it
	GUID   [16]byte // zero when the number names it
}

// String writes the ID as it is asked for: schema id 14, schema GUID 1111....
func (id ID) String() string {
	if id.Number != 0 || id.GUID == [16]byte{} {
		return fmt.Sprintf("schema id %d", id.Number)
	}
	return "schema GUID " + id.GUIDText()
}

// GUIDText writes the GUID in its usual form, with hyphens.
func (id ID) GUIDText() string {
	g := id.GUID
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
}

// The first bytes of what names a schema, and what follows them.
const (
	magicNumber = 0 // 4 bytes, big-endian
	magicGUID   = 1 // 16 bytes

	numberSize = 1 + 4
	guidSize   = 1 + 16
)

// Framed reports whether b begins as a datum does that names its schema. No text
// and no JSON does.
func Framed(b []byte) bool {
	return len(b) >= numberSize && b[0] == magicNumber || len(b) >= guidSize && b[0] == magicGUID
}

// Unframe takes the name of the schema off: from the header, where the record has
// one, else from in front of the datum. The reason says what is wrong with them.
func Unframe(b, header []byte) (id ID, data []byte, reason string) {
	if len(header) > 0 {
		id, n := readID(header)
		if n != len(header) {
			return ID{}, nil, fmt.Sprintf("expected 0 and a 4-byte id, or 1 and a 16-byte GUID, found %d bytes: %s", len(header), clip(header))
		}
		return id, b, id.fault(b)
	}
	id, n := readID(b)
	if n == 0 {
		return ID{}, nil, "expected Avro behind 0 and a 4-byte schema id, or behind 1 and a 16-byte GUID, found " + looks(b)
	}
	return id, b[n:], id.fault(b[n:])
}

func readID(b []byte) (id ID, n int) {
	switch {
	case !Framed(b):
		return ID{}, 0
	case b[0] == magicNumber:
		return ID{Number: binary.BigEndian.Uint32(b[1:])}, numberSize
	}
	return ID{GUID: [16]byte(b[1:guidSize])}, guidSize
}

// fault says what is wrong with an ID that no registry gives.
func (id ID) fault(data []byte) string {
	switch {
	case id == ID{} && len(data) > 4:
		return "schema id 0, which no registry gives; ids of 8 bytes are not read: let the converter write ids of 4 (Apicurio: as-confluent=true)"
	case id == ID{} || id.Number > math.MaxInt32:
		return id.String() + ", which no registry gives"
	}
	return ""
}

// looks says what bytes look like that are no framed datum.
func looks(b []byte) string {
	switch {
	case len(b) == 0:
		return "nothing"
	case b[0] == '{' || b[0] == '[' || b[0] == '"':
		return "JSON (then the format is one that ends in -json): " + clip(b)
	case b[0] == 3 && len(b) > 18:
		return "what AWS Glue's serializer writes"
	}
	return fmt.Sprintf("%d bytes: %s", len(b), clip(b))
}

// clip shortens bytes for a message.
func clip(b []byte) string {
	const most = 40
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q...", b[:most])
}
