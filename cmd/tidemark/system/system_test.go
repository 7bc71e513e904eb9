package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/tables"
)

const patience = 30 * time.Second

func stock(topic string) *tables.Table {
	return &tables.Table{
		Name:   "stock",
		Source: tables.Source{Topic: topic, Format: tables.UpsertJSON, Placeholder: tables.DefaultPlaceholder, Partitioner: tables.PartitionMurmur2},
		Key:    []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "left", Type: tables.Type{Kind: tables.Int64}},
		},
		Batch: tables.BatchPolicy{Schedule: tables.OnDemand, KeepLast: 1},
	}
}

// process runs a system until the test ends or stop is called.
type process struct {
	url  string
	stop func() error
}

func start(t *testing.T, c *config.Config) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{Config: c, Logger: NewLogger(io.Discard, c.Log), Beside: func(ctx context.Context, at net.Addr) error {
			addr <- at.String()
			<-ctx.Done()
			return nil
		}})
	}()
	stopped := false
	p := &process{stop: func() error {
		cancel()
		if stopped {
			return nil
		}
		stopped = true
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("it does not stop")
		}
	}}
	t.Cleanup(func() { _ = p.stop() })
	select {
	case a := <-addr:
		p.url = "http://" + a
	case err := <-done:
		t.Fatalf("it ended: %v", err)
	}
	return p
}

// await polls a path until it is answered like this.
func (p *process) await(t *testing.T, path string, status int, body string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		resp, err := http.Get(p.url + path)
		if err != nil {
			last = err.Error()
			continue
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		last = fmt.Sprint(resp.StatusCode, " ", string(text), err)
		if resp.StatusCode == status && strings.Contains(string(text), body) {
			return
		}
	}
	t.Fatalf("%s is not answered with %d and %q: %s", path, status, body, last)
}

func configuration(t *testing.T, brokers []string, topic string) *config.Config {
	t.Helper()
	return &config.Config{
		Kafka: config.Kafka{Settings: kafka.Settings{Brokers: brokers}}, DataDir: t.TempDir(),
		Roles: config.Roles{Processor: true, View: true}, HTTP: config.HTTP{Listen: "127.0.0.1:0"}, Tables: []*tables.Table{stock(topic)},
	}
}

func produce(t *testing.T, brokers []string, topic, key, value string) {
	t.Helper()
	c, err := kafka.Settings{Brokers: brokers}.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func newBroker(t *testing.T, topics map[string]int32) []string {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b.Addrs()
}

// TestRolesInTwoProcesses runs the processor and the view apart, in one data
// directory, and starts the view without a processor to ask.
func TestRolesInTwoProcesses(t *testing.T) {
	brokers := newBroker(t, map[string]int32{"src": 2})
	produce(t, brokers, "src", "1", `{"id":1,"left":5}`)
	write := configuration(t, brokers, "src")
	read := *write
	write.Roles, read.Roles = config.Roles{Processor: true}, config.Roles{View: true}

	view := start(t, &read)
	view.await(t, "/livez", 200, "true")
	processor := start(t, write)
	view.await(t, "/v1/tables/stock/rows/1", 200, `"left":5`)
	processor.await(t, "/v1/tables", 200, `"data":[]`)
	processor.await(t, "/metrics", 200, `tidemark_processor_partitions{table="stock"} 2`)

	if err := processor.stop(); err != nil {
		t.Errorf("the processor: %v", err)
	}
	view.await(t, "/v1/tables/stock/rows/1", 200, `"left":5`)
	if err := view.stop(); err != nil {
		t.Errorf("the view: %v", err)
	}
}

// TestTableWaitsForItsSource starts before the connector has made the topic.
func TestTableWaitsForItsSource(t *testing.T) {
	brokers := newBroker(t, nil)
	p := start(t, configuration(t, brokers, "later"))
	p.await(t, "/readyz", 503, "later: the source topic does not exist")
	makeTopic(t, brokers, "later", 2)
	produce(t, brokers, "later", "7", `{"id":7,"left":1}`)
	p.await(t, "/v1/tables/stock/rows/7", 200, `"left":1`)
	p.await(t, "/readyz", 200, `"ready":true`)
}

func TestDataDirectoryIsOneProcessAlone(t *testing.T) {
	brokers := newBroker(t, map[string]int32{"src": 1})
	c := configuration(t, brokers, "src")
	start(t, c)
	err := Run(t.Context(), Options{Config: c, Logger: NewLogger(io.Discard, c.Log)})
	if err == nil || !strings.Contains(err.Error(), "is in use by another process") {
		t.Errorf("a second process: %v", err)
	}
}

func TestDataDirectoryThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c := configuration(t, []string{"127.0.0.1:1"}, "src")
	c.DataDir = filepath.Join(file, "data")
	err := Run(t.Context(), Options{Config: c, Logger: NewLogger(io.Discard, c.Log)})
	if err == nil || !strings.Contains(err.Error(), "data_dir") {
		t.Errorf("the error is %v", err)
	}
}

func TestCertificateThatCannotBeRead(t *testing.T) {
	c := configuration(t, []string{"127.0.0.1:1"}, "src")
	c.Kafka.TLS = kafka.TLS{Enabled: true, CAFile: filepath.Join(t.TempDir(), "no.pem")}
	err := Run(t.Context(), Options{Config: c, Logger: NewLogger(io.Discard, c.Log)})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("the error is %v", err)
	}
}

func TestEndingByItselfIsAFailure(t *testing.T) {
	alive, over := context.WithCancel(t.Context())
	run := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	if err := (component{"part", run(nil)}).until(alive); err == nil {
		t.Error("a part that ended by itself is no failure")
	}
	broken := errors.New("broken")
	if err := (component{"part", run(broken)}).until(alive); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "part: ") {
		t.Errorf("the failure is %v", err)
	}
	over()
	if err := (component{"part", run(broken)}).until(alive); err != nil {
		t.Errorf("after the end: %v", err)
	}
}

func TestEmbeddedBrokerKeepsItsPort(t *testing.T) {
	dir := t.TempDir()
	o := EmbeddedOptions{Dir: dir, Topics: map[string]int32{"src": 1}}
	first, err := StartEmbedded(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	addr := first.Addrs()[0]
	if EmbeddedAddress(dir) != addr {
		t.Errorf("the address is kept as %q, not %q", EmbeddedAddress(dir), addr)
	}
	_ = first.Close()
	second, err := StartEmbedded(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if second.Addrs()[0] != addr {
		t.Errorf("it listens on %s and did on %s", second.Addrs()[0], addr)
	}
	_ = second.Close()
	taken, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if _, err := StartEmbedded(t.Context(), o); !errors.Is(err, broker.ErrPortBusy) || !strings.Contains(err.Error(), "remove ") {
		t.Errorf("with the port taken: %v", err)
	}
}

func TestPeersAreReachableOnlyWhereSomethingIs(t *testing.T) {
	for _, tc := range []struct{ brokers, listen, want string }{
		{"127.0.0.1:9092", "0.0.0.0:8080", "127.0.0.1:0"},
		{"localhost:9092", "127.0.0.1:8080", "127.0.0.1:0"},
		{"192.0.2.1:9092", "127.0.0.1:8080", ""},
		{"192.0.2.1:9092", "10.1.2.3:8080", "10.1.2.3:0"},
	} {
		c := &config.Config{Kafka: config.Kafka{Settings: kafka.Settings{Brokers: []string{tc.brokers}}}, HTTP: config.HTTP{Listen: tc.listen}}
		if got := peerAddress(c); got != tc.want {
			t.Errorf("brokers %s, listen %s: %q, want %q", tc.brokers, tc.listen, got, tc.want)
		}
	}
}

func makeTopic(t *testing.T, brokers []string, name string, partitions int32) {
	t.Helper()
	c, err := kafka.Settings{Brokers: brokers}.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := kadm.NewClient(c).CreateTopic(t.Context(), partitions, 1, nil, name); err != nil {
		t.Fatal(err)
	}
}
