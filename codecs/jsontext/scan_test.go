package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidemark/tidemark/codecs/internal/codectest"
)

// jsonTexts are valid and broken texts; what is valid is what encoding/json says.
func jsonTexts() []string {
	return []string{
		`{}`, `[]`, `{"a":1}`, `{"a":1,"b":[1,2,{"c":null}],"d":"x"}`, ` [ 1 , 2 ] `, `"a"`, `1`, `-0`, `0.5`, `-1.5e+10`, `1E-3`,
		`true`, `false`, `null`, `"\u00e9\n\"\\\/\b\f\r\t"`, `"12345678"`, `"1234567"`, `"123456789\\"`, `"é日本語😀"`, "[\n1\r\n,\t2 ]",
		``, ` `, `{`, `}`, `[`, `]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{a:1}`, `[1,]`, `[,1]`, `[1 2]`, `{"a":1 "b":2}`, `01`, `-`, `1.`,
		`.5`, `1e`, `1e+`, `+1`, `0x1`, `NaN`, `tru`, `truex`, `nul`, `"`, `"a`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\x01\"", "\"\n\"", "\"12345678\x1f\"",
		`"\`, `"\\`, `"12345678\`, `{} {}`, `1 2`, `[1]]`, `{"a":{"b":{"c":[[[[]]]]}}}`, "\x00", "1\x00", `"\ud800"`, `'a'`, `{"a":1}x`, "\ufeff{}", `-01`, `1.e1`, `{"a" :	1}`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100), strings.Repeat("[", MaxDepth+1), strings.Repeat(`{"a":`, MaxDepth+1) + "1" + strings.Repeat("}", MaxDepth+1),
		`"` + strings.Repeat("x", 1000) + `"`, `"` + strings.Repeat(`\\`, 1000) + `"`,
	}
}

func valid(text []byte) bool {
	s := Scanner{b: text}
	return s.Value() != nil && s.End()
}

func TestScannerAcceptsJSONAndNothingElse(t *testing.T) {
	for _, text := range jsonTexts() {
		if got, want := valid([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%.60q: valid is %v, want %v", text, got, want)
		}
	}
}

func TestScannerSaysWhere(t *testing.T) {
	s := Scanner{b: []byte(`{"a":tru}`)}
	s.Value()
	if s.Fault != "no JSON: no true at byte 5" {
		t.Error(s.Fault)
	}
}

// walk reads a text member by member, as decoders do, and says whether it was whole.
func walk(s *Scanner, depth int) bool {
	switch s.Peek() {
	case '{':
		for range s.Members() {
			if !walkOn(s, depth+1) {
				return false
			}
		}
		return s.Fault == ""
	case '[':
		for range s.Elements() {
			if !walkOn(s, depth+1) {
				return false
			}
		}
		return s.Fault == ""
	}
	return s.Value() != nil
}

func walkOn(s *Scanner, depth int) bool {
	if s.space(); depth > 50 {
		return s.Skip(depth)
	}
	return walk(s, depth)
}

func FuzzScanner(f *testing.F) {
	for _, text := range jsonTexts() {
		f.Add([]byte(text))
	}
	f.Add([]byte(codectest.EventValue))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !utf8.Valid(text) {
			return
		}
		want := json.Valid(text)
		if got := valid(text); got != want {
			t.Fatalf("valid is %v, want %v", got, want)
		}
		s := Scanner{b: text}
		got := walk(&s, 0) && s.End()
		if got && !want || !got && want && !bytes.Contains(text, []byte(`\u`)) {
			t.Fatalf("walked: %v, want %v: %s", got, want, s.Fault)
		}
		if want && len(bytes.TrimSpace(text)) > 0 && bytes.TrimSpace(text)[0] == '"' {
			sameText(t, bytes.TrimSpace(text))
		}
	})
}

// sameText compares the text of a string with encoding/json's, which replaces
// half a surrogate pair where unquote refuses.
func sameText(t *testing.T, raw []byte) {
	t.Helper()
	var want string
	if err := json.Unmarshal(raw, &want); err != nil {
		return
	}
	got, ok := Unquote(raw)
	if ok && string(got) != want {
		t.Fatalf("%q is read as %q, want %q", raw, got, want)
	}
	if !ok && !strings.ContainsRune(want, utf8.RuneError) {
		t.Fatalf("%q is refused", raw)
	}
}
