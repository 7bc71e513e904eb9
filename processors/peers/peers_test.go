package peers

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/events"
)

const (
	peerGroup   = "peers-of-a-test"
	sourceTopic = "shop.public.orders"

	patience = 90 * time.Second
)

// world is a broker whose group the peers are members of.
type world struct {
	t        *testing.T
	broker   *broker.Broker
	settings kafka.Settings
	client   *kgo.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{sourceTopic: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	w := &world{t: t, broker: b, settings: kafka.Settings{Brokers: b.Addrs()}}
	w.client = w.newClient()
	return w
}

func (w *world) newClient(opts ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	c, err := w.settings.Client(opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !met(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func (w *world) peers() *Watch {
	w.t.Helper()
	p, err := Open("127.0.0.1:0", peerGroup, w.client, new(events.Listener).EnsureDefaults())
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) running(p *Watch) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	over := make(chan struct{})
	go func() { defer close(over); _ = p.Run(ctx) }()
	w.t.Cleanup(func() { cancel(); <-over; p.Close() })
}

func dialPeer(t *testing.T, p *Watch) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// named reports whether a connection was taken: then the process says its name.
func named(c net.Conn, p *Watch) bool {
	b := make([]byte, nameSize)
	n, err := io.ReadFull(c, b)
	return err == nil && processName(b[:n]) == p.self
}

func TestAPeersPortTakesBoundedConnections(t *testing.T) {
	w := newWorld(t)
	p := w.peers()
	w.running(p)
	taken := 0
	var conns []net.Conn
	for range maxServed + 20 {
		c := dialPeer(t, p)
		conns = append(conns, c)
		if named(c, p) {
			taken++
		}
	}
	if taken != maxServed {
		t.Fatalf("%d connections are held, want %d", taken, maxServed)
	}
	for _, c := range conns[:10] {
		_ = c.Close()
	}
	until(t, "room again", func() bool { return named(dialPeer(t, p), p) })
}

func TestAPeersConnectionTakesBoundedTimeAndBytes(t *testing.T) {
	w := newWorld(t)
	for name, say := range map[string][]byte{"silent": nil, "one that says much": make([]byte, 64<<10)} {
		t.Run(name, func(t *testing.T) {
			p := w.peers()
			if say == nil {
				p.silent = 50 * time.Millisecond
			}
			w.running(p)
			c := dialPeer(t, p)
			if !named(c, p) {
				t.Fatal("the connection is not taken")
			}
			go func() { _, _ = c.Write(say) }()
			if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Error("something is said")
			} else if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // of net itself
				t.Error("the connection is held for ever")
			}
		})
	}
}

// Connections that come while the port is closed are closed as well.
func TestClosingThePeersPortWaitsForNobody(t *testing.T) {
	w := newWorld(t)
	for range 30 {
		p := w.peers()
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); _ = p.Run(ctx) }()
		var dials sync.WaitGroup
		for range 8 {
			dials.Go(func() {
				if c, err := net.Dial("tcp", p.addr); err == nil {
					t.Cleanup(func() { _ = c.Close() }) // the other side stays
				}
			})
		}
		cancel()
		<-over
		closed := make(chan struct{})
		go func() { p.Close(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatal("closing waits for the other side")
		}
		dials.Wait()
	}
}

// A proxy accepts for a process that is gone, and closes.
func TestAnAddressThatAcceptsAndClosesIsNotDialledWithoutAPause(t *testing.T) {
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var dials atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			_ = c.Close()
		}
	}()
	p := w.peers()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	p.watch(ctx, "member", newName(), l.Addr().String())
	_ = l.Close()
	p.Close()
	if n := dials.Load(); n < 2 || n > 10 {
		t.Errorf("%d connections in a second", n)
	}
}

// A process that crashed is back at its address before anybody saw it refuse: its old
// membership is ended all the same, by others and by itself.
func TestACrashedPeerThatIsBackAtItsAddressIsEvicted(t *testing.T) {
	for name, self := range map[string]bool{"by another one": false, "by itself": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			back, other := w.peers(), w.peers()
			w.running(back)
			evicted := make(chan string, 100)
			c := w.broker.Faults()
			c.ControlKey(int16(kmsg.LeaveGroup), func(req kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if q, ok := req.(*kmsg.LeaveGroupRequest); ok {
					for _, m := range q.Members {
						select {
						case evicted <- m.MemberID:
						default:
						}
					}
				}
				return nil, nil, false
			})
			// A client that is evicted joins again under another id, which begins as the first did.
			dead := "tidemark" + nameMark + string(newName()) + addrMark + back.addr
			w.newClient(kgo.ConsumerGroup(peerGroup), kgo.ConsumeTopics(sourceTopic), kgo.ClientID(dead), kgo.SessionTimeout(time.Minute))
			if !self {
				w.running(other)
			}
			select {
			case got := <-evicted:
				if !strings.HasPrefix(got, dead) {
					t.Errorf("%s was evicted, want one of %s", got, dead)
				}
			case <-time.After(patience):
				t.Error("the old membership lives on")
			}
		})
	}
}

func TestNamesOfPeers(t *testing.T) {
	a, b := newName(), newName()
	elsewhere := processName("ffffffff" + string(b[hostDigits:]))
	if !a.replaces(b) || a.replaces(a) || a.replaces(elsewhere) || a.replaces("") || a.replaces("short") {
		t.Error("a process replaces another one of its host, and no other")
	}
	p := &Watch{self: a, addr: "10.0.0.7:9000"}
	var got []string
	for _, id := range []string{p.Mark("tidemark"), "tidemark@10.0.0.7:9000", "tidemark", "a#b@h:1"} {
		name, addr, ok := parseMark(id)
		got = append(got, fmt.Sprintf("%v %v %s %v", name == a, name == "", addr, ok))
	}
	if want := []string{"true false 10.0.0.7:9000 true", "false true 10.0.0.7:9000 true", "false true  false", "false true h:1 true"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
