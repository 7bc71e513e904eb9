package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cost is what a process of many tables takes at rest, and its starts.
type cost struct {
	tables       int
	connections  int // to the one broker
	listening    int // ports, with that of HTTP
	files        int // descriptors
	rss, heap    int64
	goroutines   int
	cpu          float64 // percent of a core
	empty, again time.Duration
	againCPU     time.Duration
}

func writeCosts(out io.Writer, costs []cost) {
	fmt.Fprintf(out, "\n### Many tables: %d rows each, %d partitions, one process of both roles\n\n", tableRows, tablePartitions)
	fmt.Fprint(out, "| |")
	for _, c := range costs {
		fmt.Fprintf(out, " %d tables |", c.tables)
	}
	fmt.Fprintf(out, " goal at 200 |\n|---|%s---|\n", strings.Repeat("---|", len(costs)))
	for _, line := range []struct {
		what, goal string
		of         func(c cost) string
	}{
		{"connections per broker", "40", func(c cost) string { return strconv.Itoa(c.connections) }},
		{"listening ports", "2", func(c cost) string { return strconv.Itoa(c.listening) }},
		{"file descriptors at rest", "1,024", func(c cost) string { return strconv.Itoa(c.files) }},
		{"memory at rest (RSS), MB", "1,024", func(c cost) string { return strconv.FormatInt(c.rss>>20, 10) }},
		{"heap in use, MB", "", func(c cost) string { return strconv.FormatInt(c.heap>>20, 10) }},
		{"goroutines", "", func(c cost) string { return strconv.Itoa(c.goroutines) }},
		{"CPU at rest, % of a core", "3", func(c cost) string { return fmt.Sprintf("%.1f", c.cpu) }},
		{"ready from an empty directory, s", "20", func(c cost) string { return fmt.Sprintf("%.1f", c.empty.Seconds()) }},
		{"ready with state, s", "5", func(c cost) string { return fmt.Sprintf("%.1f", c.again.Seconds()) }},
		{"CPU until then, s", "", func(c cost) string { return fmt.Sprintf("%.1f", c.againCPU.Seconds()) }},
	} {
		fmt.Fprintf(out, "| %s |", line.what)
		for _, c := range costs {
			fmt.Fprintf(out, " %s |", line.of(c))
		}
		fmt.Fprintf(out, " %s |\n", line.goal)
	}
}

// share returns the percentage of a core that a process takes for so long.
func (p *process) share(ctx context.Context, d time.Duration) (float64, error) {
	began := time.Now()
	before, err := p.usage(began)
	if err != nil {
		return 0, err
	}
	if err := wait(ctx, d); err != nil {
		return 0, err
	}
	after, err := p.usage(began)
	return 100 * (after.cpu - before.cpu).Seconds() / (after.wall - before.wall).Seconds(), err
}

// atRest measures a process to which nothing comes.
func (p *process) atRest(ctx context.Context) (c cost, err error) {
	if c.cpu, err = p.share(ctx, restWatched); err != nil {
		return c, err
	}
	if err := p.sockets(&c); err != nil {
		return c, err
	}
	u, err := p.usage(time.Now())
	if err != nil {
		return c, err
	}
	c.rss = u.now
	return c, p.runtime(ctx, &c)
}

// sockets counts descriptors, and which of them are connections to the broker and listeners.
func (p *process) sockets(c *cost) error {
	dir := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid))
	open, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return err
	}
	c.files = len(open)
	own := map[string]bool{} // inodes of sockets
	for _, f := range open {
		if to, err := os.Readlink(filepath.Join(dir, "fd", f.Name())); err == nil { // it may have been closed since
			own[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	_, port, err := net.SplitHostPort(p.broker)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	for _, family := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(filepath.Join(dir, "net", family))
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // sl, local, remote, state, queues, timers, retransmits, uid, timeout, inode
			switch {
			case len(fields) < 10 || !own[fields[9]]:
			case fields[3] == "0A":
				c.listening++
			case strings.HasSuffix(fields[2], fmt.Sprintf(":%04X", n)):
				c.connections++
			}
		}
	}
	return nil
}

// runtime asks the process for its heap and goroutines.
func (p *process) runtime(ctx context.Context, c *cost) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/metrics", nil)
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case name == "go_goroutines":
			c.goroutines = int(number)
		case name == "go_memstats_heap_inuse_bytes":
			c.heap = int64(number)
		}
	}
	return lines.Err()
}
