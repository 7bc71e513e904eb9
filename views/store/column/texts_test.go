package column

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestArenaOfLongAndShortTexts has blocks of all lengths, some of more than 64 KiB.
func TestArenaOfLongAndShortTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	texts := make([]string, 5*BlockRows-100)
	for i := range texts {
		if texts[i] = strings.Repeat(string(rune('a'+i%26)), r.IntN(20)); i>>BlockBits%2 == 1 {
			texts[i] = strings.Repeat(texts[i], r.IntN(40))
		}
	}
	texts[3*BlockRows+1] = strings.Repeat("long", 1<<20)
	w := ArenaWriter{Arena: NewArena(len(texts))}
	for _, s := range texts {
		w.Add(s)
	}
	w.Flush()
	for i, want := range texts {
		if got := w.Arena.Text(i); got != want {
			t.Fatalf("text %d has %d bytes, want %d: %.20q", i, len(got), len(want), got)
		}
	}
}
