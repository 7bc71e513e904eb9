package keychange

import (
	"testing"
	"time"
)

func TestAgesOfRequestsForgetWhatExpired(t *testing.T) {
	a, now := ages{}, time.Unix(1_800_000_000, 0)
	a.add(now.UnixMicro())
	a.add(now.UnixMicro())
	a.remove(now.UnixMicro())
	if !a.any(now.Add(14*time.Minute)) || a.any(now.Add(17*time.Minute)) || len(a) != 0 {
		t.Errorf("left: %v", a)
	}
}
