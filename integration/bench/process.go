package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/tables"
)

func command(ctx context.Context, out io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd.Run()
}

// A process is a running tidemark, or one of the plain programs it is compared with.
type process struct {
	cmd  *exec.Cmd
	log  *os.File
	url  string
	data string
	// broker is the one that a tidemark was told.
	broker string
}

// usage is what a process took from its start to its end.
type usage struct {
	cpu  time.Duration
	wall time.Duration
	rss  int64 // bytes at the peak
	now  int64 // and now, of a running process
}

func (b *bench) start(ctx context.Context, path string, args ...string) (*process, error) {
	log, err := os.CreateTemp(b.dir, "log")
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, path, args...), log: log}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return p, p.cmd.Start()
}

// usage says what the running process took so far.
func (p *process) usage(began time.Time) (usage, error) {
	u := usage{wall: time.Since(began)}
	dir := "/proc/" + strconv.Itoa(p.cmd.Process.Pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return u, err
	}
	// The name, in parentheses, may hold spaces; proc(5) counts user and system time,
	// in hundredths of a second, as fields 14 and 15.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, f := range fields[11:13] {
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, fmt.Errorf("%s/stat: %w", dir, err)
		}
		u.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		for name, to := range map[string]*int64{"VmHWM:": &u.rss, "VmRSS:": &u.now} {
			if value, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscan(value, to); err != nil {
					return u, fmt.Errorf("%s/status: %w", dir, err)
				}
				*to <<= 10
			}
		}
	}
	return u, nil
}

// stop ends the process and says what it took.
func (p *process) stop(began time.Time) (usage, error) {
	u := usage{wall: time.Since(began)}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return u, err
	}
	_ = p.cmd.Wait() // its exit code says how it took the signal, which is not measured
	state := p.cmd.ProcessState
	u.cpu = state.UserTime() + state.SystemTime()
	u.rss = rss(state)
	return u, p.log.Close()
}

// rss is an ended process's memory at its peak, in bytes.
func rss(state *os.ProcessState) int64 {
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		return r.Maxrss << 10
	}
	return 0
}

// tidemark starts the binary on a table with a data directory of its own, or on an
// earlier one's.
func (b *bench) tidemark(ctx context.Context, t *tables.Table, roles []string, dir string) (*process, error) {
	return b.tidemarkOf(ctx, []*tables.Table{t}, roles, dir)
}

// tidemarkOf is tidemark for several tables.
func (b *bench) tidemarkOf(ctx context.Context, all []*tables.Table, roles []string, dir string) (*process, error) {
	var declared []any
	for _, t := range all {
		declared = append(declared, declaration(t))
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "tidemark.yaml")
	text, err := yaml.Marshal(map[string]any{
		"kafka":    map[string]any{"brokers": b.brokers, "replication_factor": 1},
		"data_dir": filepath.Join(dir, "data"),
		"roles":    roles,
		"http":     map[string]any{"listen": addr},
		"log":      map[string]any{"level": "warn"},
		"tables":   declared,
	})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	p, err := b.start(ctx, b.binary, "run", "-c", path)
	if err != nil {
		return nil, err
	}
	p.url, p.data, p.broker = "http://"+addr, filepath.Join(dir, "data"), b.brokers[0]
	return p, nil
}

// declaration writes a table as a configuration does.
func declaration(t *tables.Table) map[string]any {
	var columns []any
	for _, c := range t.Columns {
		d := map[string]any{"name": c.Name, "type": c.Type.String()}
		if c.Encoding != tables.EncodingNone {
			d["encoding"] = string(c.Encoding)
		}
		if c.Index {
			d["index"] = true
		}
		columns = append(columns, d)
	}
	d := map[string]any{
		"name": t.Name, "source": map[string]any{"topic": t.Source.Topic, "format": string(t.Source.Format)},
		"key": t.Key, "columns": columns, "document": string(t.Document), "batch": map[string]any{"schedule": t.Batch.Schedule},
	}
	if len(t.SortKey) > 0 {
		d["sort_key"] = t.SortKey
	}
	return d
}

// ready waits until the process says that it has caught up.
func (p *process) ready(ctx context.Context) error {
	return poll(ctx, 20*time.Minute, func() (bool, error) {
		r, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false, nil
		}
		return r.StatusCode == http.StatusOK, r.Body.Close()
	})
}

// poll asks every 20 ms until the answer is yes.
func poll(ctx context.Context, within time.Duration, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := ask()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up after %s: %w", within, ctx.Err())
		case <-tick.C:
		}
	}
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// diskUsage is the size of all files below a directory.
func diskUsage(dir string) (int64, error) {
	var n int64
	err := filepath.Walk(dir, func(_ string, f os.FileInfo, err error) error {
		if err == nil && f.Mode().IsRegular() {
			n += f.Size()
		}
		return err
	})
	return n, err
}
