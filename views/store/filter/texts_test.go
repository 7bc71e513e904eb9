package filter

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/views/store/column"
)

// TestEqualsAmongLongAndShortTexts looks for texts in blocks of all lengths, some of more
// than 64 KiB.
func TestEqualsAmongLongAndShortTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	texts := make([]string, 5*column.BlockRows-100)
	for i := range texts {
		if texts[i] = strings.Repeat(string(rune('a'+i%26)), r.IntN(20)); i>>column.BlockBits%2 == 1 {
			texts[i] = strings.Repeat(texts[i], r.IntN(40))
		}
	}
	texts[3*column.BlockRows+1] = strings.Repeat("long", 1<<20)
	w := column.ArenaWriter{Arena: column.NewArena(len(texts))}
	for _, s := range texts {
		w.Add(s)
	}
	w.Flush()
	for _, i := range []int{5, column.BlockRows + 5, 3*column.BlockRows + 1} {
		for block := range column.BlocksFor(len(texts)) {
			var m column.Mask
			m.Fill(0, min(len(texts)-block<<column.BlockBits, column.BlockRows))
			(&arenaEquals{texts: w.Arena, text: texts[i]}).Refine(block, &m)
			for k := range min(len(texts)-block<<column.BlockBits, column.BlockRows) {
				if got, want := m[k>>6]>>(k&63)&1 == 1, texts[block<<column.BlockBits|k] == texts[i]; got != want {
					t.Fatalf("text %d equals text %d: %v", block<<column.BlockBits|k, i, got)
				}
			}
		}
	}
}
