package processors

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// realKafka names a real broker for the tests that can use one.
const realKafka = "TIDEMARK_KAFKA"

// realWorld uses the broker of the environment, or an embedded one.
func realWorld(t *testing.T, partitions int32) (w *world, real bool) {
	t.Helper()
	addrs := os.Getenv(realKafka)
	if addrs == "" {
		return newWorld(t, partitions), false
	}
	id := make([]byte, 4)
	_, _ = rand.Read(id)
	w = &world{t: t, parts: partitions, table: ordersTable(), settings: kafka.Settings{
		Brokers: strings.Split(addrs, ","), TopicPrefix: "standstill-" + hex.EncodeToString(id) + "-",
	}}
	w.names, w.client = w.settings.Names(&tables.Table{Name: "orders"}), w.newClient()
	_, err := kadm.NewClient(w.client).CreateTopic(t.Context(), partitions, -1, nil, sourceTopic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		t.Fatal(err)
	}
	return w, true
}

// gaps returns the longest times between two changelog records of a partition since
// an instant: within one owner, and from one owner to the next.
func (w *world) gaps(since time.Time) (stay, moved time.Duration) {
	w.t.Helper()
	type mark struct {
		at       time.Time
		instance uint8
	}
	last := map[int32]mark{}
	for _, r := range w.read(w.names.Table) {
		s, err := wire.ParseStamp(r.Headers[0].Value)
		if err != nil {
			w.t.Fatal(err)
		}
		if before, ok := last[r.Partition]; ok && r.Timestamp.After(since) {
			gap := r.Timestamp.Sub(before.at)
			if before.instance == s.Instance {
				stay = max(stay, gap)
			} else {
				moved = max(moved, gap)
			}
		}
		last[r.Partition] = mark{r.Timestamp, s.Instance}
	}
	return stay, moved
}

// moved waits until some partition has had another owner since an instant.
func (w *world) moved(since time.Time) {
	w.t.Helper()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		if _, moved := w.gaps(since); moved > 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Fatal("no partition has moved")
		}
	}
}

// TestStandstill measures how long partitions stand still while processes come and
// go. On a real broker, set in the environment, it does so at 1,000 events a second,
// and the bounds are those that the product promises.
func TestStandstill(t *testing.T) {
	w, real := realWorld(t, 8)
	pace := 25 * time.Millisecond // what the embedded broker keeps up with under the race detector
	if real {
		pace = time.Millisecond
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				r := upsert(n%5000, "v")
				r.Topic, r.Partition = sourceTopic, w.home(r.Key)
				w.client.Produce(w.t.Context(), r, nil)
			}
		}
	}()
	w.spawn(t.TempDir(), "peers session6s")
	w.allDone()
	b := &child{w: w, dir: t.TempDir(), flags: "peers session6s"}
	t.Cleanup(func() {
		if b.running() {
			b.kill()
		}
	})
	for _, move := range []struct {
		name  string
		do    func()
		moved time.Duration
	}{
		{"a second joins, on an empty disk", b.start, 2 * time.Second},
		{"SIGTERM", b.stop, 2 * time.Second},
		{"it joins again, with its state", b.start, 2 * time.Second},
		{"kill -9, evicted by its peer", b.kill, 2 * time.Second},
	} {
		<-time.After(time.Second) // of load, with nothing else going on
		since := time.Now()
		move.do()
		w.moved(since)
		<-time.After(time.Second) // for the move to be over
		w.allDone()
		stay, moved := w.gaps(since)
		t.Logf("%-34s stay %7s   move %7s", move.name, stay.Round(time.Millisecond), moved.Round(time.Millisecond))
		if real && (stay > 500*time.Millisecond || moved > move.moved) {
			t.Errorf("%s: partitions that stay stood still for %s, those that moved for %s", move.name, stay, moved)
		}
		if moved > 15*time.Second { // less than goka's own, on any machine
			t.Errorf("%s: partitions that moved stood still for %s", move.name, moved)
		}
	}
	close(stop)
	<-ended
	w.allDone()
	w.staleRecords()
}
