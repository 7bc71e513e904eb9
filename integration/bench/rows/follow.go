package rows

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/api/live"
)

const (
	followers   = 1_000
	followRate  = 1_000 // changes a second
	idleStreams = 5_000
)

// Follow measures streams of changes, without the rest of Run.
func (b *Bench) Follow(ctx context.Context) error {
	return b.run(ctx, []part{{"streams of changes", b.follow}})
}

// follow has a thousand readers follow the table by different filters while it changes,
// and then thousands that hear nothing.
func (b *Bench) follow(ctx context.Context, w *world) (err error) {
	l := newLive(w)
	h, err := api.New(api.Options{Tables: []*live.Table{{Table: w.table, Reader: w, Pins: w, Progress: w, Batches: w, Changes: l}}})
	if err != nil {
		return err
	}
	addr, stop, err := serve(h)
	if err != nil {
		return err
	}
	defer func() {
		h.Stop()
		err = errors.Join(err, stop())
	}()
	fmt.Fprintf(b.Out, "\n### %d readers follow by different filters: %d changes/s, the readers' process on the same cores\n\n", followers, followRate)
	fmt.Fprintln(b.Out, "| a change concerns | events/s | p50 | p99 | largest | goal (p99) | CPU of the server | CPU of the readers |\n|---|---|---|---|---|---|---|---|")
	for _, m := range mixes() {
		b.say("streams: %s", m.name)
		got, err := b.measureFollowed(ctx, l, addr, m)
		if err != nil {
			return fmt.Errorf("streams, %s: %w", m.name, err)
		}
		fmt.Fprintf(b.Out, "| %s: %.1f readers | %.0f | %s | %s | %s | %s | %.0f %% | %.0f %% |\n", m.name, got.PerSecond/followRate, got.PerSecond,
			show(micros(got.P50)), show(micros(got.P99)), show(micros(got.Max)), m.goal, 100*got.server, 100*got.CPU)
	}
	return b.idle(ctx, l, addr)
}

// heard is what the readers' process says.
type heard struct {
	PerSecond     float64 // events
	P50, P99, Max int64   // of the delay from before a change is applied until its event is read, in µs
	CPU           float64 // of the readers, in cores
	server        float64
}

// followed lets a process follow by the filters of a mix while the table changes.
func (b *Bench) measureFollowed(ctx context.Context, l *followed, addr string, m mix) (out heard, err error) {
	c, err := startFollowers(ctx, b.Talk, addr, m.name, followers, l.w.rows)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	if err := c.await("ready"); err != nil {
		return out, err
	}
	spent, began := cpu(), time.Now()
	during, stop := context.WithTimeout(ctx, b.round())
	defer stop()
	if err := l.change(during, followRate); err != nil {
		return out, err
	}
	server := (cpu() - spent).Seconds() / time.Since(began).Seconds()
	if err := c.tell("compare"); err != nil { // what was heard with what is there
		return out, err
	}
	line, err := c.line()
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal([]byte(line), &out); err != nil {
		return out, fmt.Errorf("the readers said %q: %w", line, err)
	}
	out.server = server
	return out, nil
}

// idle measures what streams take that hear nothing.
func (b *Bench) idle(ctx context.Context, l *followed, addr string) (err error) {
	b.say("streams: %d that hear nothing", idleStreams)
	before := taken()
	c, err := startFollowers(ctx, b.Talk, addr, "nothing", idleStreams, l.w.rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	if err := c.await("ready"); err != nil {
		return err
	}
	opened := taken()
	spent, began := cpu(), time.Now()
	during, stop := context.WithTimeout(ctx, b.round()/2)
	defer stop()
	if err := l.change(during, followRate); err != nil {
		return err
	}
	used := (cpu() - spent).Seconds() / time.Since(began).Seconds()
	after := taken()
	fmt.Fprintf(b.Out, "\n%d streams that hear nothing take %s each in the server when they are open (heap %s, stacks %s), %s after %d changes/s; the server then takes %.0f %% of a core.\n",
		idleStreams, kilo(opened.all()-before.all()), kilo(opened.heap-before.heap), kilo(opened.stack-before.stack),
		kilo(after.all()-before.all()-l.feed.Bytes()), followRate, 100*used)
	return nil
}

func kilo(n int64) string { return fmt.Sprintf("%.1f kB", float64(n)/idleStreams/1e3) }

// memory is what is in use, in bytes.
type memory struct{ heap, stack int64 }

func (m memory) all() int64 { return m.heap + m.stack }

func taken() memory {
	debug.FreeOSMemory() // collects twice: stacks shrink, too
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{int64(m.HeapAlloc), int64(m.StackInuse)}
}

// client is a process that follows.
type client struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// FollowersCommand is the first argument of a process that runs Followers.
const FollowersCommand = "store-followers"

func startFollowers(ctx context.Context, talk io.Writer, addr, mix string, n, rows int) (*client, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &client{command: exec.CommandContext(ctx, self, FollowersCommand, addr, mix, strconv.Itoa(n), strconv.Itoa(rows))}
	c.command.Stderr = talk
	if c.in, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewScanner(out)
	return c, c.command.Start()
}

func (c *client) tell(word string) error {
	_, err := io.WriteString(c.in, word+"\n")
	return err
}

func (c *client) line() (string, error) {
	if !c.out.Scan() {
		return "", errors.Join(errors.New("the readers' process ended early"), c.out.Err())
	}
	return c.out.Text(), nil
}

func (c *client) await(word string) error {
	line, err := c.line()
	if err == nil && line != word {
		err = fmt.Errorf("the readers said %q, not %s", line, word)
	}
	return err
}

// end closes what the process listens to, which ends it.
func (c *client) end() error {
	_ = c.in.Close() // it may be gone
	return c.command.Wait()
}
