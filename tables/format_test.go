package tables_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// TestAppendDecimalWritesAsBigIntegersDo goes over values on both sides of 64 bits.
func TestAppendDecimalWritesAsBigIntegersDo(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	check := func(d tables.Decimal, scale uint8) {
		t.Helper()
		digits := new(big.Int).Abs(d.Big()).String()
		if scale > 0 {
			digits = strings.Repeat("0", max(0, int(scale)+1-len(digits))) + digits
			digits = digits[:len(digits)-int(scale)] + "." + digits[len(digits)-int(scale):]
		}
		if d.Sign() < 0 {
			digits = "-" + digits
		}
		if got := string(tables.AppendDecimal(nil, d, scale)); got != digits {
			t.Errorf("%v at scale %d is %s, want %s", d, scale, got, digits)
		}
	}
	for _, v := range []int64{0, 1, -1, 9, 10, -10, math.MaxInt64, math.MinInt64} {
		for scale := range uint8(39) {
			check(tables.DecimalFromInt64(v), scale)
		}
	}
	check(tables.Decimal{Lo: math.MaxUint64}, 3)
	check(tables.Decimal{Lo: 1 << 63}, 3)
	check(tables.Decimal{Hi: -1}, 3)
	check(tables.Decimal{Hi: -1, Lo: 1<<63 - 1}, 3)
	for range 10_000 {
		d := tables.Decimal{Hi: int64(dice.Uint64()) >> dice.IntN(64), Lo: dice.Uint64() >> dice.IntN(64)}
		check(d, uint8(dice.IntN(39)))
	}
}

// TestAppendTimestampWritesAsTimeDoes compares with the standard library where that has a form.
func TestAppendTimestampWritesAsTimeDoes(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		us := dice.Int64N(250_000_000_000_000_000) - 60_000_000_000_000_000 // years 68 to 7990
		want := time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.000000Z")
		if got := string(tables.AppendTimestamp(nil, us)); got != want {
			t.Fatalf("%d is %s, want %s", us, got, want)
		}
	}
	for us, want := range map[int64]string{
		-62198755200000000: "-0001-01-01T00:00:00.000000Z", 253402300800000000: "+10000-01-01T00:00:00.000000Z",
	} {
		if got := string(tables.AppendTimestamp(nil, us)); got != want {
			t.Errorf("%d is %s, want %s", us, got, want)
		}
	}
}
