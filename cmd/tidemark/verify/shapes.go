package verify

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shape is what connectors write of a geometric type.
type shape struct {
	WKB        string
	Extensions struct{ Closed string }
	Center     *struct{ X, Y float64 }
	Radius     float64
	A, B, C    *float64
}

// sameGeometry compares the bytes of a shape with what connectors write: an object that holds them.
func sameGeometry(wkb, table string) bool {
	var s shape
	return json.Unmarshal([]byte(table), &s) == nil && s.WKB == wkb
}

// sameShape compares a geometric type of PostgreSQL, as it is written there, number by number.
func sameShape(native string) func(database, table string) bool {
	return func(database, table string) bool {
		want, ok := coordinates(database)
		var s shape
		if !ok || json.Unmarshal([]byte(table), &s) != nil {
			return false
		}
		switch native {
		case "circle":
			return s.Center != nil && slices.Equal(want, []float64{s.Center.X, s.Center.Y, s.Radius})
		case "line":
			return s.A != nil && s.B != nil && s.C != nil && slices.Equal(want, []float64{*s.A, *s.B, *s.C})
		case "path":
			if closed := strings.HasPrefix(database, "("); closed != (s.Extensions.Closed == "true") {
				return false
			}
		case "box": // two corners become a ring
			if len(want) != 4 {
				return false
			}
			want = []float64{want[0], want[1], want[0], want[3], want[2], want[3], want[2], want[1], want[0], want[1]}
		case "polygon":
			want = append(want, want[:min(2, len(want))]...)
		}
		got, ok := points(s.WKB)
		return ok && slices.Equal(got, want)
	}
}

var numberForm = regexp.MustCompile(`[-+0-9.eE]+|-?Infinity|NaN`)

// coordinates reads all numbers of a text.
func coordinates(text string) (out []float64, ok bool) {
	for _, s := range numberForm.FindAllString(text, -1) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, false
		}
		out = append(out, f)
	}
	return out, len(out) > 0
}

// points reads the numbers of a line or of a ring in well-known binary.
func points(wkb string) (out []float64, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(wkb)
	const ring, head = 3, 1 + 4 + 4 // byte order, kind, and the number of points or rings
	if err != nil || len(raw) < head || raw[0] != 1 {
		return nil, false
	}
	at := head
	if binary.LittleEndian.Uint32(raw[1:]) == ring {
		at += 4
	}
	for ; at+8 <= len(raw); at += 8 {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(raw[at:])))
	}
	return out, at == len(raw)
}
