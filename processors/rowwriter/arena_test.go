package rowwriter

import (
	"fmt"
	"testing"
)

func TestArena(t *testing.T) {
	var a arena
	var kept [][]byte
	for i := range 5000 {
		b := append(a.begin(10), fmt.Sprintf("row %d", i)...)
		kept = append(kept, a.keep(b))
	}
	kept = append(kept, a.keep(append(a.begin(1), make([]byte, 2*arenaPiece)...)), a.keep(append(a.begin(4), "last"...)))
	for i, b := range kept[:5000] {
		if want := fmt.Sprintf("row %d", i); string(b) != want {
			t.Fatalf("slice %d is %q", i, b)
		}
	}
	if len(kept[5000]) != 2*arenaPiece || string(kept[5001]) != "last" {
		t.Error("a slice that outgrew its room, or the one after it, is wrong")
	}
	if full := append(kept[0], 'x'); string(kept[1]) != "row 1" || len(full) != 6 {
		t.Error("appending to one slice has changed the next")
	}
}
