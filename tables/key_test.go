package tables

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// keyTypes are all that a key column can have.
func keyTypes() []Type {
	return []Type{
		{Kind: Bool}, {Kind: Int64}, {Kind: Float64}, decimalType(38, 4), {Kind: String}, {Kind: JSON}, {Kind: Bytes}, {Kind: UUID},
		{Kind: Date}, {Kind: Time}, {Kind: Timestamp},
	}
}

// randomValue favours the edges: null, extremes, equal prefixes, zero bytes.
func randomValue(rng *rand.Rand, t Type) Value {
	if rng.IntN(10) == 0 {
		return Value{}
	}
	i := int64(rng.Uint64()) >> rng.IntN(64)
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteByte([]byte{0, 1, 0xff, 'a', 'b'}[rng.IntN(5)])
		}
		return b.String()
	}
	switch t.Kind {
	case Bool:
		return BoolValue(i%2 == 0)
	case Float64:
		edges := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, math.SmallestNonzeroFloat64, float64(i)}
		return Float64Value(edges[rng.IntN(len(edges))])
	case DecimalKind:
		return DecimalValue(randomDecimal(rng))
	case String:
		return StringValue(text())
	case JSON:
		return JSONValue(text())
	case Bytes:
		return BytesValue(text())
	case UUID:
		return UUIDValue([16]byte{byte(i), 7: byte(i >> 8), 8: byte(i >> 16), 15: byte(i >> 24)})
	case Date:
		return DateValue(i)
	case Time:
		return TimeValue(i)
	case Timestamp:
		return TimestampValue(i)
	}
	return Int64Value(i)
}

// The order of the bytes is the order of the values, also of several together,
// and equal values have equal bytes.
func TestKeysAreInTheOrderOfTheirValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 50_000 {
		all := keyTypes()
		n := 1 + rng.IntN(3)
		var types []Type
		var a, b []Value
		for range n {
			ty := all[rng.IntN(len(all))]
			types = append(types, ty)
			a = append(a, randomValue(rng, ty))
			b = append(b, randomValue(rng, ty))
			if rng.IntN(2) == 0 {
				b[len(b)-1] = a[len(a)-1]
			}
		}
		want := slices.CompareFunc(a, b, Compare)
		x, y := EncodeKey(a...), EncodeKey(b...)
		if got := strings.Compare(string(x), string(y)); got != want {
			t.Fatalf("%v against %v: %d, the values %d", a, b, got, want)
		}
		back, err := DecodeKey(x, types)
		if err != nil || slices.CompareFunc(back, a, Compare) != 0 || EncodeKey(back...) != x {
			t.Fatalf("%v came back as %v: %v", a, back, err)
		}
	}
}

func TestKeysNeverBeginWithAnUnderscore(t *testing.T) {
	for _, v := range []Value{{}, UnavailableValue(), StringValue("_x"), BytesValue("_"), Int64Value(math.MinInt64)} {
		if k := EncodeKey(v); k == "" || k[0] == '_' {
			t.Errorf("%v: %q", v, k)
		}
	}
}

func TestNoKeyIsRefused(t *testing.T) {
	for k, types := range map[Key][]Type{
		"": {{Kind: Int64}}, "\x02": {{Kind: Int64}}, "\x03": {{Kind: Int64}}, "\x01\x01": {{Kind: Int64}}, "\x02\x00\x00\x00\x00\x00\x00\x00": {{Kind: Int64}},
		"\x02a": {{Kind: String}}, "\x02a\x00": {{Kind: String}}, "\x02a\x00\x02": {{Kind: String}}, "\x02\x02": {{Kind: Bool}}, "\x01": {{Kind: Int64}, {Kind: Int64}},
		"\x02\x01x": {{Kind: Bool}},
	} {
		if v, err := DecodeKey(k, types); err == nil {
			t.Errorf("%q is read as %v", k, v)
		}
	}
}

func FuzzDecodeKey(f *testing.F) {
	all := keyTypes()
	rng := rand.New(rand.NewPCG(11, 12))
	for i, ty := range all {
		f.Add(string(EncodeKey(randomValue(rng, ty), StringValue("a\x00b"))), uint8(i), uint8(4))
	}
	f.Fuzz(func(t *testing.T, k string, a, b uint8) {
		types := []Type{all[int(a)%len(all)], all[int(b)%len(all)]}
		values, err := DecodeKey(Key(k), types)
		if err != nil {
			return
		}
		again, err := DecodeKey(EncodeKey(values...), types)
		if err != nil || slices.CompareFunc(again, values, Compare) != 0 {
			t.Fatalf("%q: %v, then %v: %v", k, values, again, err)
		}
	})
}
