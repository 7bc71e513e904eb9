package broker_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/kafka/broker"
)

const patience = 20 * time.Second

func start(t *testing.T, o broker.Options) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func client(t *testing.T, addr string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(addr), kgo.ProducerLinger(0))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func produce(t *testing.T, c *kgo.Client, topic, value string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// values reads n records from the start of a topic.
func values(t *testing.T, addr, topic string, n int) []string {
	t.Helper()
	c := client(t, addr, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out []string
	for len(out) < n {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("after %d of %d records: %v", len(out), n, err)
		}
		fetches.EachRecord(func(r *kgo.Record) { out = append(out, string(r.Value)) })
	}
	return out
}

func TestDataSurvivesStopAndStart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, broker.Options{Dir: dir, Topics: map[string]int32{"orders": 1}})
	produce(t, client(t, first.Addrs()[0]), "orders", "before")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, broker.Options{Dir: dir, Topics: map[string]int32{"orders": 1}})
	produce(t, client(t, second.Addrs()[0]), "orders", "after")
	if got := values(t, second.Addrs()[0], "orders", 2); got[0] != "before" || got[1] != "after" {
		t.Errorf("records are %q, want before and after", got)
	}
}

// TestDataSurvivesKill runs the broker in a process of its own and kills that.
func TestDataSurvivesKill(t *testing.T) {
	if dir := os.Getenv("TIDEMARK_TEST_BROKER_DIR"); dir != "" {
		serveUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestDataSurvivesKill$")
	child.Env = append(os.Environ(), "TIDEMARK_TEST_BROKER_DIR="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, strings.TrimSpace(line))
	const n = 50
	for i := range n {
		produce(t, c, "orders", fmt.Sprint(i))
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	b := start(t, broker.Options{Dir: dir})
	for i, v := range values(t, b.Addrs()[0], "orders", n) {
		if v != fmt.Sprint(i) {
			t.Fatalf("record %d is %q", i, v)
		}
	}
}

func serveUntilKilled(t *testing.T, dir string) {
	b := start(t, broker.Options{Dir: dir, Topics: map[string]int32{"orders": 1}})
	fmt.Println(b.Addrs()[0])
	<-t.Context().Done()
}

func TestHostilePacketsCloseOnlyTheirConnection(t *testing.T) {
	b := start(t, broker.Options{})
	packet := func(size uint32, key int16, rest ...byte) []byte {
		p := binary.BigEndian.AppendUint32(nil, size)
		return append(binary.BigEndian.AppendUint16(p, uint16(key)), rest...)
	}
	header := []byte{0, 9, 0, 0, 0, 1, 0xff, 0xff}
	packets := map[string][]byte{
		"unknown key":        packet(10, 1234, header...),
		"negative key":       packet(10, -1, header...),
		"huge size":          packet(0xffffffff, 3, header...),
		"size of two GiB":    packet(1<<31, 3, header...),
		"empty request":      packet(0, 3),
		"shorter than heads": packet(9, 3, header[:7]...),
		"http":               []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"tls hello":          {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0, 0, 0},
	}
	for key := range int16(100) {
		if kmsg.RequestForKey(key) != nil {
			packets[fmt.Sprintf("garbage for key %d", key)] = packet(30, key,
				0, 99, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 1)
		}
	}
	for name, p := range packets {
		send(t, b.Addrs()[0], name, p)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := client(t, b.Addrs()[0]).Ping(ctx); err != nil {
		t.Errorf("the broker is gone: %v", err)
	}
}

// send writes a packet and waits for the broker to close the connection or to say something.
func send(t *testing.T, addr, name string, p []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(p); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var answer [1]byte
	if _, err := conn.Read(answer[:]); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: the connection stays open in silence", name)
	}
}

func TestOnlyOneBrokerPerDirectoryAndPort(t *testing.T) {
	dir := t.TempDir()
	b := start(t, broker.Options{Dir: dir})
	if _, err := broker.Start(t.Context(), broker.Options{Dir: dir}); !errors.Is(err, broker.ErrDirBusy) {
		t.Errorf("a second broker on the directory: %v, want ErrDirBusy", err)
	}
	if _, err := broker.Start(t.Context(), broker.Options{Addr: b.Addrs()[0]}); !errors.Is(err, broker.ErrPortBusy) {
		t.Errorf("a second broker on the port: %v, want ErrPortBusy", err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:9092", ":9092", "example.org:9092", "127.0.0.1", "127.0.0.1:99999"} {
		if _, err := broker.Start(t.Context(), broker.Options{Addr: addr}); err == nil {
			t.Errorf("Addr %q is taken", addr)
		}
	}
	b := start(t, broker.Options{Addr: "localhost:0"})
	if !strings.HasPrefix(b.Addrs()[0], "127.0.0.1:") {
		t.Errorf("it listens on %s", b.Addrs()[0])
	}
}

func TestFaultsCanBeInjected(t *testing.T) {
	b := start(t, broker.Options{Topics: map[string]int32{"orders": 1}})
	b.Faults().ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, rt := range req.(*kmsg.ProduceRequest).Topics {
			st := kmsg.NewProduceResponseTopic()
			st.Topic, st.TopicID = rt.Topic, rt.TopicID
			for _, rp := range rt.Partitions {
				sp := kmsg.NewProduceResponseTopicPartition()
				sp.Partition, sp.ErrorCode = rp.Partition, kerr.TopicAuthorizationFailed.Code
				st.Partitions = append(st.Partitions, sp)
			}
			resp.Topics = append(resp.Topics, st)
		}
		return resp, nil, true
	})
	c := client(t, b.Addrs()[0])
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := c.ProduceSync(ctx, &kgo.Record{Topic: "orders", Value: []byte("refused")}).FirstErr()
	if !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("the first record got %v, want the injected error", err)
	}
	produce(t, c, "orders", "taken")
}

// TestNothingIsCompactedOrForgottenWhileItServes reads the settings that keep kfake
// from compacting, which a crash would turn into a loss, and from trimming by age.
func TestNothingIsCompactedOrForgottenWhileItServes(t *testing.T) {
	b := start(t, broker.Options{})
	configs, err := kadm.NewClient(client(t, b.Addrs()[0])).DescribeBrokerConfigs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, rc := range configs {
		for _, c := range rc.Configs {
			values[c.Key] = c.MaybeValue()
		}
	}
	const year = 365 * 24 * time.Hour
	for key, least := range map[string]int64{
		"log.cleaner.backoff.ms":    year.Milliseconds(), // the pause between compactions
		"offsets.retention.minutes": int64(year.Minutes()),
		"message.max.bytes":         16 << 20,
	} {
		if n, err := strconv.ParseInt(values[key], 10, 64); err != nil || n < least {
			t.Errorf("%s is %q, want %d or more", key, values[key], least)
		}
	}
	if values["log.retention.ms"] != "-1" {
		t.Errorf("log.retention.ms is %q, want -1: topics that are only compacted would be trimmed", values["log.retention.ms"])
	}
}
