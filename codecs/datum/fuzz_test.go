package datum

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twmb/avro"
)

// Whatever the schema and the data are: no panic, and what is written is JSON within
// the bounds. What the library can read is read here, too.
func FuzzDatum(f *testing.F) {
	row := `{"type":"record","name":"V","fields":[{"name":"id","type":"long"},{"name":"v","type":["null","string"]},{"name":"f","type":"double"},
		{"name":"t","type":{"type":"array","items":["null","V"]}},{"name":"h","type":{"type":"map","values":"bytes"}},
		{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},{"name":"x","type":{"type":"fixed","name":"X","size":2}}]}`
	seed := m{"id": int64(5), "v": "text", "f": 1.5, "t": []any{nil}, "h": m{"k": []byte{1}}, "e": "B", "x": []byte{1, 2}}
	f.Add(row, encode(f, row, seed))
	f.Add(`["null","long"]`, []byte{2, 10})
	f.Add(`{"type":"array","items":"null"}`, []byte{20, 0})
	f.Add(`{"type":"map","values":"float"}`, []byte{1, 12, 2, 'k', 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, schema string, data []byte) {
		s, err := Parse(schema)
		if err != nil {
			return
		}
		out, fault := s.Plan(Everything()).Append(nil, data)
		if fault == nil && !json.Valid(out) {
			t.Fatalf("%q is no JSON", out)
		}
		if len(out) > outRoom+outFactor*len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(out))
		}
		w := &Want{}
		w.Add("id")
		w.Add("t.v")
		if out, fault := s.Plan(w).Append(nil, data); fault == nil && !json.Valid(out) {
			t.Fatalf("%q is no JSON", out)
		}
		if !json.Valid(s.AppendConnect(nil)) {
			t.Fatal("the schema is no JSON")
		}
		var v any
		rest, err := avro.MustParse(schema, avro.WithLaxNames(nil)).Decode(data, &v)
		// A block's own length is believed here, since blocks are skipped by it; the library passes over it.
		own := fault != nil && strings.Contains(fault.Reason, "a block of")
		if err == nil && len(rest) == 0 && fault != nil && !own && strings.HasPrefix(fault.Reason, "no Avro") {
			t.Fatalf("the library reads %v, not so here: %+v", v, fault)
		}
	})
}
