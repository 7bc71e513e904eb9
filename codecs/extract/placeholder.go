package extract

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A Placeholder knows every shape in which Debezium writes its text for a value
// that the database's log did not carry.
type Placeholder struct {
	texts    []string // of a string: itself, base64, hexadecimal, and hstore as JSON text
	elements []string // of the only element of an array: the texts, and a UUID made from it
	codes    []byte   // of the elements of an array of integers or dates
	longest  int      // of the texts
}

// shortestHex is how many bytes a placeholder needs before its hexadecimal digits
// are taken for it: those of a short one could be a value.
const shortestHex = 8

// NewPlaceholder reads the setting unavailable.value.placeholder; a text that
// begins with hex: holds bytes.
func NewPlaceholder(setting string) *Placeholder {
	if setting == "" {
		setting = tables.DefaultPlaceholder
	}
	text := setting
	if digits, ok := strings.CutPrefix(setting, "hex:"); ok {
		if b, err := hex.DecodeString(digits); err == nil {
			text = string(b)
		}
	}
	u := md5.Sum([]byte(text))
	u[6], u[8] = u[6]&0x0f|0x30, u[8]&0x3f|0x80
	id := fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
	raw := []byte(text)
	quoted := string(tables.AppendJSONString(nil, text))
	p := &Placeholder{codes: raw}
	p.texts = []string{
		text, base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
		"{" + quoted + ":" + quoted + "}",
	}
	if len(raw) >= shortestHex {
		p.texts = append(p.texts, hex.EncodeToString(raw))
	}
	if setting != text {
		p.texts = append(p.texts, setting)
	}
	p.elements = append([]string{id}, p.texts...)
	for _, t := range p.texts {
		p.longest = max(p.longest, len(t))
	}
	return p
}

// Is reports whether a value, given as its JSON text, is the placeholder.
func (p *Placeholder) Is(raw []byte) bool {
	if len(raw) < 2 {
		return false
	}
	switch raw[0] {
	case '"':
		return p.isText(raw, p.texts)
	case '[':
		return p.isArray(raw)
	case '{':
		return p.isMap(raw)
	}
	return false
}

func (p *Placeholder) isText(raw []byte, texts []string) bool {
	if len(raw) > 6*p.longest+2 || raw[0] != '"' { // an escape takes six bytes at most
		return false
	}
	in := raw[1 : len(raw)-1]
	if bytes.IndexByte(in, '\\') >= 0 {
		var ok bool
		if in, ok = jsontext.Unquote(raw); !ok {
			return false
		}
	}
	for _, t := range texts {
		if string(in) == t {
			return true
		}
	}
	return false
}

func (p *Placeholder) isArray(raw []byte) bool {
	if len(raw) > 8*p.longest+16 {
		return false
	}
	s := jsontext.Scan(raw)
	n, text := 0, false
	for k := range s.Elements() {
		v := s.Value()
		switch {
		case len(v) == 0 || text:
			return false
		case v[0] == '"':
			if text = k == 0 && p.isText(v, p.elements); !text {
				return false
			}
		case k >= len(p.codes) || !isCode(v, p.codes[k]):
			return false
		}
		n = k + 1
	}
	return s.Fault == "" && (text || n == len(p.codes))
}

func isCode(v []byte, c byte) bool {
	var b [4]byte
	return string(v) == string(strconv.AppendUint(b[:0], uint64(c), 10))
}

func (p *Placeholder) isMap(raw []byte) bool {
	if len(raw) > 12*p.longest+16 {
		return false
	}
	s := jsontext.Scan(raw)
	found := false
	for k, name := range s.Members() {
		if k > 0 || string(name) != string(p.codes) {
			return false
		}
		v := s.Value()
		found = len(v) > 0 && p.isText(v, p.texts[:1])
	}
	return found && s.Fault == ""
}
