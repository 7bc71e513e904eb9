package oracle

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// repeats names the seed that repeats a run.
const repeats = "TIDEMARK_TEST_SEED"

// Seeds returns the seeds of a model's runs: the same few each time, unless TIDEMARK_MODEL_RUNS
// says how many: then they are others each time. TIDEMARK_TEST_SEED repeats a run.
func Seeds(t testing.TB, few int) []uint64 {
	t.Helper()
	first, repeated := number(t, repeats)
	n, isSet := number(t, "TIDEMARK_MODEL_RUNS")
	switch {
	case !isSet && repeated:
		n = 1
	case !isSet:
		n = uint64(few)
	}
	if isSet && !repeated {
		first = rand.Uint64() >> 1
	}
	t.Logf("%d runs, seeds from %d", n, first)
	out := make([]uint64, n)
	for i := range out {
		out[i] = first + uint64(i)
	}
	return out
}

// Seed returns the seed of a model that runs once: usual, or TIDEMARK_TEST_SEED, which
// repeats a run.
func Seed(t testing.TB, usual uint64) uint64 {
	t.Helper()
	seed, repeated := number(t, repeats)
	if !repeated {
		seed = usual
	}
	t.Logf("%s=%d", repeats, seed)
	return seed
}

// number returns what the environment says of a name, if it says something.
func number(t testing.TB, name string) (n uint64, isSet bool) {
	t.Helper()
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
