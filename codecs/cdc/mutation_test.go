package cdc

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// mutate returns value with some of its bytes changed: other bytes, a part cut out, a
// part twice, a part of another value.
func mutate(dice *rand.Rand, value, other []byte) []byte {
	out := bytes.Clone(value)
	for range 1 + dice.IntN(4) {
		if len(out) == 0 {
			return out
		}
		i := dice.IntN(len(out))
		j := min(i+1+dice.IntN(40), len(out))
		switch dice.IntN(5) {
		case 0:
			out[i] = `0"}{,:\n[]1d`[dice.IntN(12)]
		case 1:
			out = append(out[:i:i], out[j:]...)
		case 2:
			out = append(out[:j:j], out[i:]...)
		case 3:
			from := dice.IntN(len(other) + 1)
			to := min(from+dice.IntN(60), len(other))
			out = append(append(out[:i:i], other[from:to]...), out[j:]...)
		case 4:
			out[i] ^= 1 << dice.IntN(8)
		}
	}
	return out
}

// Whatever happens to the value and the headers of a real event, the change is of the
// key that its Kafka key names, or of none.
func TestMutatedRealEventsNeverChangeAnotherRow(t *testing.T) {
	const rounds = 40_000
	seed := rand.Uint64()
	dice := rand.New(rand.NewPCG(seed, 0))
	all := scenarios(t, "captured_*")
	each := rounds / len(all)
	for _, s := range all {
		d, err := NewDecoder(s.table, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range each {
			r := *s.records[dice.IntN(len(s.records))]
			want, decodes := keyAlone(d, &r)
			r.Value = mutate(dice, r.Value, s.records[dice.IntN(len(s.records))].Value)
			if dice.IntN(4) == 0 {
				r.Headers = append(r.Headers, codecs.Header{Name: codecs.NewKeyHeader, Value: mutate(dice, r.Key, r.Value)},
					codecs.Header{Name: "__op", Value: []byte("d")}, codecs.Header{Name: oldKeyHeader, Value: r.Value})
			}
			var c tables.Change
			if err := d.Decode(&r, &c); err == nil && c.Key != "" && decodes && c.Key != want {
				t.Fatalf("seed %d, %s: key %s became %q by the value %s", seed, s.name, r.Key, c.Key, r.Value)
			}
		}
	}
}

// keyAlone returns the key that a record's key names by itself; decodes is false where
// it does not name one whole, so that the row may complete it.
func keyAlone(d Decoder, r *codecs.Record) (key tables.Key, decodes bool) {
	var c tables.Change
	err := d.Decode(&codecs.Record{Topic: r.Topic, Key: r.Key}, &c)
	return c.Key, err == nil
}
