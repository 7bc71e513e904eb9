package proposal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

// observeKey looks at a record's key: the names of its members, or which columns equal it.
func (o *rows) observeKey(key []byte, row []member) {
	if key == nil {
		o.keyless++
		return
	}
	payload := key
	if json.Valid(key) {
		var said *convert.Schema
		said, payload = unwrap(key)
		o.keySaid = o.keySaid || said != nil
	}
	if ms, ok := members(payload); ok {
		o.observeNames(ms)
		return
	}
	if list, ok := listOf(payload); ok {
		o.keys.takeList(list, row, o.cells)
		return
	}
	o.keys.take(payload, row, o.cells)
}

// observeNames takes the names of a key's members, where no message has had them.
func (o *rows) observeNames(ms []member) {
	if o.keyNames != nil || o.inRow() {
		return
	}
	for _, m := range ms {
		if o.format == tables.MaxwellJSON { // {"database":"shop","table":"orders","pk.id":1}
			name, part := strings.CutPrefix(m.name, "pk.")
			if !part {
				continue
			}
			m.name = name
		}
		o.keyNames = append(o.keyNames, m.name)
	}
}

// inRow reports whether the format's records have keys that are no row's.
func (o *rows) inRow() bool {
	return o.format == tables.OGGJSON || o.format == tables.DMSJSON
}

// keyValues is which columns always equal the records' keys, where these are values without names.
type keyValues struct {
	ways   []*way     // of reading a key that is one value
	listed [][]string // of a list, by place
	wrong  bool       // lists of several lengths
}

// way is one way to read a key, with the columns that it always equals.
type way struct {
	format  tables.KeyFormat
	text    func(key []byte) (string, bool)
	columns []string
	begun   bool

	prefixed bool // the value is not all of the key, which is only possible where the row gives the key
}

func ways() []*way {
	return []*way{
		{format: tables.KeyJSON, text: keyText},
		{format: tables.KeyInt64, text: sized(8, func(b []byte) string { return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10) })},
		{format: tables.KeyInt32, text: sized(4, func(b []byte) string { return strconv.FormatInt(int64(int32(binary.BigEndian.Uint32(b))), 10) })},
		{format: tables.KeyUUID, text: sized(16, func(b []byte) string { return uuidText([16]byte(b)) })},
		{format: tables.KeyFloat64, text: sized(8, func(b []byte) string {
			return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), 'g', -1, 64)
		})},
		{format: tables.KeyJSON, text: behindNames, prefixed: true},
	}
}

// keyText reads a key as JSON, as text, or as the eight bytes of a number, as the decoder does.
func keyText(key []byte) (string, bool) {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case json.Valid(key):
		return strings.Trim(string(bytes.TrimSpace(key)), `"`), true
	case len(key) == 8 && (!utf8.Valid(key) || bytes.ContainsFunc(key, unprintable)):
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(key)), 10), true
	}
	return string(key), utf8.Valid(key) && !bytes.ContainsFunc(key, unprintable)
}

// behindNames reads a key of AWS DMS, in which the value is after the names of schema and table.
func behindNames(key []byte) (string, bool) {
	parts := strings.SplitN(string(key), ".", 3)
	return parts[len(parts)-1], len(parts) == 3 && utf8.Valid(key)
}

func uuidText(b [16]byte) string {
	return strings.Trim(string(tables.AppendJSON(nil, tables.Type{Kind: tables.UUID}, tables.UUIDValue(b), false)), `"`)
}

func sized(n int, text func([]byte) string) func([]byte) (string, bool) {
	return func(key []byte) (string, bool) {
		if len(key) != n {
			return "", false
		}
		return text(key), true
	}
}

// take narrows the columns that a key of one value equals.
func (k *keyValues) take(key []byte, row []member, cells bool) {
	if k.ways == nil {
		k.ways = ways()
	}
	for _, w := range k.ways {
		text, ok := w.text(key)
		if !ok {
			w.begun, w.columns = true, nil
			continue
		}
		w.columns = narrow(w.columns, w.begun, text, row, cells)
		w.begun = true
	}
}

// takeList narrows the columns that each value of a list equals.
func (k *keyValues) takeList(list []json.RawMessage, row []member, cells bool) {
	begun := k.listed != nil
	if !begun {
		k.listed = make([][]string, len(list))
	}
	if len(list) != len(k.listed) {
		k.wrong = true
		return
	}
	for i, raw := range list {
		k.listed[i] = narrow(k.listed[i], begun, strings.Trim(string(raw), `"`), row, cells)
	}
}

// narrow keeps the columns whose value is the text; before the first key it begins with all of them.
func narrow(columns []string, begun bool, text string, row []member, cells bool) []string {
	equals := func(raw []byte) bool {
		if value, cell := cellOf(raw); cell && cells {
			raw = value
		}
		raw = bytes.TrimSpace(raw)
		return len(raw) > 0 && strings.Trim(string(raw), `"`) == text
	}
	if begun {
		return slices.DeleteFunc(columns, func(name string) bool { return !equals(find(row, name)) })
	}
	for _, m := range row {
		if equals(m.raw) {
			columns = append(columns, m.name)
		}
	}
	return columns
}

// best returns the key's columns, how records' keys are written, and which other columns equal them as well.
func (k *keyValues) best(inRow bool) (names []string, format tables.KeyFormat, also []string) {
	if len(k.listed) > 0 && !k.wrong {
		for _, candidates := range k.listed {
			free := slices.DeleteFunc(slices.Clone(candidates), func(name string) bool { return slices.Contains(names, name) })
			if len(free) == 0 {
				return nil, tables.KeyJSON, nil
			}
			names, also = append(names, free[0]), append(also, free[1:]...)
		}
		return names, tables.KeyJSON, also
	}
	for _, w := range k.ways {
		if len(w.columns) > 0 && (inRow || !w.prefixed) {
			return w.columns[:1], w.format, w.columns[1:]
		}
	}
	return nil, tables.KeyJSON, nil
}

// listOf returns the values of a key that is a list.
func listOf(key []byte) (list []json.RawMessage, ok bool) {
	key = bytes.TrimSpace(key)
	return list, len(key) > 0 && key[0] == '[' && json.Unmarshal(key, &list) == nil && len(list) > 0
}

// textOf returns the text of a JSON string, or nothing.
func textOf(raw []byte) string {
	var s string
	_ = json.Unmarshal(raw, &s) // what is no text has none
	return s
}
