package store

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestArenaOfLongAndShortTexts has blocks of all lengths, some of more than 64 KiB.
func TestArenaOfLongAndShortTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	texts := make([]string, 5*blockRows-100)
	for i := range texts {
		if texts[i] = strings.Repeat(string(rune('a'+i%26)), r.IntN(20)); i>>blockBits%2 == 1 {
			texts[i] = strings.Repeat(texts[i], r.IntN(40))
		}
	}
	texts[3*blockRows+1] = strings.Repeat("long", 1<<20)
	w := arenaWriter{a: newArena(len(texts))}
	for _, s := range texts {
		w.add(s)
	}
	w.flush()
	for i, want := range texts {
		if got := w.a.text(i); got != want {
			t.Fatalf("text %d has %d bytes, want %d: %.20q", i, len(got), len(want), got)
		}
	}
	for _, i := range []int{5, blockRows + 5, 3*blockRows + 1} {
		for block := range blocksFor(len(texts)) {
			var m mask
			m.fill(0, min(len(texts)-block<<blockBits, blockRows))
			(&arenaEquals{texts: w.a, text: texts[i]}).refine(block, &m)
			for k := range min(len(texts)-block<<blockBits, blockRows) {
				if got, want := m[k>>6]>>(k&63)&1 == 1, texts[block<<blockBits|k] == texts[i]; got != want {
					t.Fatalf("text %d equals text %d: %v", block<<blockBits|k, i, got)
				}
			}
		}
	}
}
