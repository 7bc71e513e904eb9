package processors

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// The environment of a child: a process of its own that runs one processor, so that
// it can be killed, stopped and paused for real.
const (
	childBroker = "TIDEMARK_TEST_CHILD_BROKER"
	childDir    = "TIDEMARK_TEST_CHILD_DIR"
	childFlags  = "TIDEMARK_TEST_CHILD_FLAGS"
	childPrefix = "TIDEMARK_TEST_CHILD_PREFIX"
)

// testSession is the session's timeout in tests with kills: short, to save time.
const testSession = 1200 * time.Millisecond

func TestMain(m *testing.M) {
	if addr := os.Getenv(childBroker); addr != "" {
		os.Exit(runChild(addr, os.Getenv(childDir), os.Getenv(childFlags)))
	}
	os.Exit(m.Run())
}

func runChild(addr, dir, flags string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println("begun") // from here on SIGTERM is heard
	o := Options{
		Table: ordersTable(), Dir: dir,
		Kafka:          kafka.Settings{Brokers: []string{addr}, TopicPrefix: os.Getenv(childPrefix)},
		SessionTimeout: testSession, Logger: testLogger(nil),
	}
	if strings.Contains(flags, "history") {
		o.Table, o.Kafka.RowBytes = historyTable(tables.PartitionMurmur2), kafka.LeastRowBytes
	}
	if strings.Contains(flags, "any") {
		o.Table.Source.Partitioner = tables.PartitionAny
	}
	if strings.Contains(flags, "peers") {
		o.Peers = "127.0.0.1:0"
	}
	if strings.Contains(flags, "session6s") {
		o.SessionTimeout = 6 * time.Second
	}
	if strings.Contains(flags, "long") {
		o.SessionTimeout = 30 * time.Second
	}
	if g, rows, ok := strings.Cut(flags, "="); ok {
		n, err := strconv.Atoi(g)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		o.Seed = &seed.Plan{From: modelTable(0), Rows: seed.Rows(rows)}
		o.Table = modelTable(n)
	}
	p, err := New(o)
	if err == nil {
		err = p.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type child struct {
	w     *world
	dir   string
	flags string
	cmd   *exec.Cmd
	out   *bytes.Buffer
	ended chan error
}

func (w *world) spawn(dir, flags string) *child {
	w.t.Helper()
	c := &child{w: w, dir: dir, flags: flags}
	c.start()
	w.t.Cleanup(func() {
		if c.cmd != nil {
			c.kill()
		}
	})
	return c
}

func (c *child) start() {
	c.w.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		c.w.t.Fatal(err)
	}
	c.cmd, c.out, c.ended = exec.Command(exe), &bytes.Buffer{}, make(chan error, 1)
	c.cmd.Env = append(os.Environ(), childBroker+"="+c.w.settings.Brokers[0], childDir+"="+c.dir, childFlags+"="+c.flags,
		childPrefix+"="+c.w.settings.TopicPrefix)
	c.cmd.Stderr = c.out
	if os.Getenv("TIDEMARK_TEST_LOG") != "" {
		c.cmd.Stderr = os.Stderr
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		c.w.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		c.w.t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		c.w.t.Fatal(err)
	}
	cmd, ended := c.cmd, c.ended
	go func() { ended <- cmd.Wait() }()
}

func (c *child) running() bool { return c.cmd != nil }

// kill is kill -9, which also ends a process that is paused.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.ended
	c.cmd = nil
}

// stop is SIGTERM; the process must end well.
func (c *child) stop() {
	c.w.t.Helper()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-c.ended:
		if err != nil {
			c.w.t.Errorf("child: %v\n%s", err, c.out)
		}
	case <-time.After(patience):
		c.w.t.Error("the child does not stop")
		c.kill()
		return
	}
	c.cmd = nil
}

func (c *child) pause()  { _ = c.cmd.Process.Signal(syscall.SIGSTOP) }
func (c *child) resume() { _ = c.cmd.Process.Signal(syscall.SIGCONT) }

// progress returns the source offsets that the progress topic says are done.
func (w *world) progress() map[int32]int64 {
	w.t.Helper()
	out := map[int32]int64{}
	if _, err := kafka.Describe(w.t.Context(), w.client, w.names.Progress); err != nil {
		return out // not made yet
	}
	for _, r := range w.read(w.names.Progress) {
		if wire.IsBootstrapKey(r.Key) {
			continue
		}
		p, err := wire.ParseProgress(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		out[p.Partition] = p.Source
	}
	return out
}

// allDone waits until the progress topic says that all of the source is done.
func (w *world) allDone() {
	w.t.Helper()
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	var at map[int32]int64
	defer func() {
		if w.t.Failed() {
			w.t.Logf("progress is at %v", at)
		}
	}()
	within(w.t, afterKills, fmt.Sprintf("progress at %v", ends), func() bool {
		at = w.progress()
		for p, end := range ends {
			if at[int32(p)] < end {
				return false
			}
		}
		return true
	})
}

// staleRecords checks that no changelog record of a key comes from an older source
// record than the one before it in its partition.
func (w *world) staleRecords() {
	w.t.Helper()
	newest := map[string]int64{}
	stale := 0
	for _, r := range w.read(w.names.Table) {
		for _, h := range r.Headers {
			if h.Key != wire.StampName {
				continue
			}
			s, err := wire.ParseStamp(h.Value)
			if err != nil {
				w.t.Fatal(err)
			}
			at := fmt.Sprint(r.Partition, " ", string(r.Key)) // a key may have changes in several partitions of the source
			if before, ok := newest[at]; ok && s.Offset < before {
				stale++
				w.t.Errorf("partition %d, changelog offset %d: from source offset %d after %d, generation %d instance %d",
					r.Partition, r.Offset, s.Offset, before, s.Generation, s.Instance)
			}
			newest[at] = s.Offset
		}
	}
}
