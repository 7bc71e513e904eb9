package tables

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

func decimalType(p, s uint8) Type { return Type{Kind: DecimalKind, Precision: p, Scale: s} }

func randomDecimal(rng *rand.Rand) Decimal {
	d := Decimal{Hi: int64(rng.Uint64()), Lo: rng.Uint64()}
	switch rng.IntN(4) {
	case 0:
		d = DecimalFromInt64(int64(rng.Uint64()) >> rng.IntN(64))
	case 1:
		d.Hi >>= rng.IntN(64)
	}
	return d
}

func TestDecimalsAreAsBigIntegers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	for range 20_000 {
		a, b := randomDecimal(rng), randomDecimal(rng)
		x, y := a.Big(), b.Big()
		if back, ok := DecimalFromBig(x); !ok || back != a {
			t.Fatalf("%v is not %s", back, x)
		}
		if got, want := a.Cmp(b), x.Cmp(y); got != want {
			t.Fatalf("%s against %s: %d", x, y, got)
		}
		if got := a.Sign(); got != x.Sign() {
			t.Fatalf("sign of %s: %d", x, got)
		}
		sum, fits := a.Add(b)
		want := new(big.Int).Add(x, y)
		if w, ok := DecimalFromBig(want); ok != fits || ok && w != sum {
			t.Fatalf("%s + %s: %s, fits %v", x, y, sum.Big(), fits)
		}
		if fits38 := new(big.Int).Abs(x).Cmp(limit) < 0; a.Fits(38) != fits38 {
			t.Fatalf("%s fits 38 digits: %v", x, a.Fits(38))
		}
		if a.Neg() != func() Decimal { n, _ := DecimalFromBig(new(big.Int).Neg(x)); return n }() && x.BitLen() < 127 {
			t.Fatalf("negated %s: %s", x, a.Neg().Big())
		}
	}
}

func TestDecimalTextIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		d := randomDecimal(rng)
		scale := uint8(rng.IntN(MaxPrecision + 1))
		text := string(AppendDecimal(nil, d, scale))
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		want.Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		if !want.IsInt() || want.Num().Cmp(d.Big()) != 0 {
			t.Fatalf("%s at scale %d is written %s", d.Big(), scale, text)
		}
		if _, after, _ := strings.Cut(text, "."); len(after) != int(scale) {
			t.Fatalf("%s has not %d digits after the point", text, scale)
		}
		got, err := ParseDecimal(text, decimalType(38, scale))
		if d.Fits(38) != (err == nil) || err == nil && got != d {
			t.Fatalf("%s is read as %s: %v", text, got.Big(), err)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text string
		typ  Type
		want string
	}{
		{"0", decimalType(12, 2), "0.00"}, {"-0", decimalType(12, 2), "0.00"}, {"1", decimalType(12, 2), "1.00"}, {"+1.5", decimalType(12, 2), "1.50"},
		{"-1.50", decimalType(12, 2), "-1.50"}, {"1.5000000000000000000000000000000000000000000", decimalType(12, 2), "1.50"},
		{"000000000000000000000000000000000000000000000001", decimalType(12, 0), "1"}, {"1e3", decimalType(12, 2), "1000.00"}, {"1.25E+1", decimalType(12, 2), "12.50"},
		{"1500e-3", decimalType(12, 1), "1.5"}, {".5", decimalType(12, 1), "0.5"}, {"5.", decimalType(12, 1), "5.0"}, {"0e9999", decimalType(1, 0), "0"}, {"0.000e-9999", decimalType(1, 0), "0"},
		{"99999999999999999999999999999999999999", decimalType(38, 0), "99999999999999999999999999999999999999"},
		{"-0.99999999999999999999999999999999999999", decimalType(38, 38), "-0.99999999999999999999999999999999999999"},
		{"9999999999.99", decimalType(12, 2), "9999999999.99"},
	} {
		d, err := ParseDecimal(c.text, c.typ)
		if got := string(AppendDecimal(nil, d, c.typ.Scale)); err != nil || got != c.want {
			t.Errorf("%s as %s: %s %v", c.text, c.typ, got, err)
		}
	}
	for _, text := range []string{"", "-", "+", ".", "e5", "1e", "1e+", "1e99999", "1 ", " 1", "1.2.3", "1,5", "NaN", "0x1", "1_0", "--1", "١"} {
		if d, err := ParseDecimal(text, decimalType(38, 10)); err == nil {
			t.Errorf("%q is read as %s", text, AppendDecimal(nil, d, 10))
		}
	}
	for text, typ := range map[string]Type{
		"10000000000": decimalType(12, 2), "100000000000000000000000000000000000000": decimalType(38, 0), "1e38": decimalType(38, 0), "1e9999": decimalType(38, 0),
		"999999999999999999999999999999999999999999999999999999999999": decimalType(38, 0), "1": decimalType(1, 1),
	} {
		if _, err := ParseDecimal(text, typ); !errors.Is(err, ErrDecimalRange) {
			t.Errorf("%s as %s: %v", text, typ, err)
		}
	}
	for text, typ := range map[string]Type{"1.005": decimalType(12, 2), "1e-3": decimalType(12, 2), "1e-9999": decimalType(38, 38)} {
		if _, err := ParseDecimal(text, typ); err == nil {
			t.Errorf("%s as %s loses digits", text, typ)
		}
	}
}

func TestRescaleLosesNothing(t *testing.T) {
	low := Decimal{Hi: -1 << 63}
	if _, err := low.Rescale(0, decimalType(38, 0)); !errors.Is(err, ErrDecimalRange) {
		t.Error(err)
	}
	if got := string(AppendDecimal(nil, low, 2)); got != "-1701411834604692317316873037158841057.28" {
		t.Error(got)
	}
	for _, c := range []struct {
		in   int64
		from int
		to   Type
		want string
	}{{-15, 1, decimalType(5, 3), "-1.500"}, {1500, 3, decimalType(5, 1), "1.5"}, {5, -2, decimalType(5, 0), "500"}, {0, -100, decimalType(5, 0), "0"}, {0, 100, decimalType(5, 0), "0"}} {
		d, err := DecimalFromInt64(c.in).Rescale(c.from, c.to)
		if got := string(AppendDecimal(nil, d, c.to.Scale)); err != nil || got != c.want {
			t.Errorf("%d at %d as %s: %s %v", c.in, c.from, c.to, got, err)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "1e38", "99999999999999999999999999999999999999", "0.00000000000000000001", "1e-9999", "+.5e+3"} {
		f.Add(s, uint8(38), uint8(10))
	}
	f.Fuzz(func(t *testing.T, s string, p, scale uint8) {
		p = p%MaxPrecision + 1
		scale %= p + 1
		typ := decimalType(p, scale)
		d, err := ParseDecimal(s, typ)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		text := string(AppendDecimal(nil, d, scale))
		got, _ := new(big.Rat).SetString(text)
		if !ok || want.Cmp(got) != 0 {
			t.Fatalf("%q is read as %s", s, text)
		}
		if again, err := ParseDecimal(text, typ); err != nil || again != d {
			t.Fatalf("%s is read as %s: %v", text, again.Big(), err)
		}
	})
}
