package processors

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/processors/peers"
)

// standstill measures how long each partition makes no progress while a move happens and
// returns the longest, for partitions that stay and for those that move.
func (w *world) standstill(stays func(int32) bool, move func()) (stay, moved time.Duration) {
	w.t.Helper()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				r := upsert(n%200, "v")
				r.Topic, r.Partition = sourceTopic, w.home(r.Key)
				w.client.Produce(w.t.Context(), r, nil)
			}
		}
	}()
	<-time.After(500 * time.Millisecond)
	begun := time.Now()
	move()
	w.allDone()
	close(stop)
	<-ended
	w.allDone()
	last := map[int32]time.Time{}
	for _, r := range w.read(w.names.Table) {
		if at, ok := last[r.Partition]; ok && r.Timestamp.After(begun) {
			gap := r.Timestamp.Sub(at)
			if stays(r.Partition) {
				stay = max(stay, gap)
			} else {
				moved = max(moved, gap)
			}
		}
		last[r.Partition] = r.Timestamp
	}
	return stay, moved
}

// ownedBy returns the partitions that the group has given to a member.
func (w *world) ownedBy(member string) map[int32]bool {
	out := map[int32]bool{}
	for _, m := range w.broker.Faults().GroupInfo(w.settings.MembersGroup()).Members {
		if m.MemberID == member {
			for _, p := range m.Assignment[w.names.Table] {
				out[p] = true
			}
		}
	}
	return out
}

func TestADeadPeerIsEvicted(t *testing.T) {
	w := newWorld(t, 4)
	i := w.start(t.TempDir(), func(o *Options) { o.Peers = "127.0.0.1:0"; o.SessionTimeout = 30 * time.Second })
	until(t, "four partitions", func() bool { return len(running(i)) == 4 })
	ours := w.broker.Faults().GroupInfo(w.settings.MembersGroup()).Members[0].MemberID
	c := w.spawn(t.TempDir(), "peers long")
	until(t, "two partitions each", func() bool { return len(running(i)) == 2 && len(w.ownedBy(ours)) == 2 })
	kept := running(i)
	for id := range 200 {
		w.produce(upsert(id, "a"))
	}
	w.allDone()
	<-time.After(2 * peers.LookEvery) // the members find each other
	stay, moved := w.standstill(func(p int32) bool { return kept[p] }, func() {
		c.kill()
		until(t, "all partitions here", func() bool { return len(running(i)) == 4 })
	})
	t.Logf("standstill of partitions that stay %s, that move %s", stay, moved)
	if moved > 10*time.Second {
		t.Errorf("the dead peer's partitions stood still for %s: it was not evicted", moved)
	}
	if stay > 2*time.Second {
		t.Errorf("partitions that stay stood still for %s", stay)
	}
}

func TestAPeerThatLivesIsNotEvicted(t *testing.T) {
	w := newWorld(t, 2)
	with := func(o *Options) { o.Peers = "127.0.0.1:0" }
	first, second := w.start(t.TempDir(), with), w.start(t.TempDir(), with)
	until(t, "a partition each", func() bool { return len(running(first)) == 1 && len(running(second)) == 1 })
	members := w.broker.Faults().GroupInfo(w.settings.MembersGroup()).Members
	<-time.After(3 * peers.LookEvery)
	now := w.broker.Faults().GroupInfo(w.settings.MembersGroup()).Members
	if len(now) != 2 || now[0].MemberID != members[0].MemberID || now[1].MemberID != members[1].MemberID {
		t.Errorf("members were %v and are %v", members, now)
	}
}
