package gcpacing

import (
	"runtime/debug"
	"testing"
)

func TestTheCollectorGoesFasterUntilTheLastMergeHasEnded(t *testing.T) {
	before := debug.SetGCPercent(150)
	defer debug.SetGCPercent(before)
	var p Pacing
	first := p.Begin()
	second := p.Begin()
	if got := percent(); got != leanPercent {
		t.Errorf("the pace during two merges is %d, want %d", got, leanPercent)
	}
	first()
	if got := percent(); got != leanPercent {
		t.Errorf("the pace during the second merge is %d, want %d", got, leanPercent)
	}
	second()
	if got := percent(); got != 150 {
		t.Errorf("the pace afterwards is %d, want 150", got)
	}
}

func TestACollectorThatIsTurnedOffStaysSo(t *testing.T) {
	before := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(before)
	var p Pacing
	end := p.Begin()
	if got := percent(); got != -1 {
		t.Errorf("the pace during a merge is %d, want it off", got)
	}
	end()
	if got := percent(); got != -1 {
		t.Errorf("the pace afterwards is %d, want it off", got)
	}
}
