package oracle

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Seeds returns the seeds of a model's runs: the same few each time, unless TIDEMARK_MODEL_RUNS
// says how many: then they are others each time. TIDEMARK_TEST_SEED repeats a run.
func Seeds(t testing.TB, few int) []uint64 {
	t.Helper()
	number := func(name string) (n uint64, told bool) {
		v := os.Getenv(name)
		if v == "" {
			return 0, false
		}
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n, true
	}
	first, repeated := number("TIDEMARK_TEST_SEED")
	n, told := number("TIDEMARK_MODEL_RUNS")
	switch {
	case !told && repeated:
		n = 1
	case !told:
		n = uint64(few)
	}
	if told && !repeated {
		first = rand.Uint64() >> 1
	}
	t.Logf("%d runs, seeds from %d", n, first)
	out := make([]uint64, n)
	for i := range out {
		out[i] = first + uint64(i)
	}
	return out
}
