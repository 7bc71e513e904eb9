package harness

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ReadyWithin bounds how long a started process may take until /readyz says 200, far above what the largest
// takes on two busy cores.
const ReadyWithin = 6 * time.Minute

// Process is a running (or stopped) binary with its own data directory.
type Process struct {
	Client
	Dir    string // holds tidemark.yaml and data/
	Config string
	t      testing.TB
	cmd    *exec.Cmd
	exited chan struct{}
	out    *syncBuffer
}

// New lays out a process without starting it.
func New(t testing.TB, cluster *Cluster, cfg Config) *Process {
	t.Helper()
	dir := t.TempDir()
	addr := freeAddr(t)
	path, sources := cfg.write(t, dir, addr, cluster.Addrs, cluster.Prefix)
	p := &Process{
		Client: Client{URL: "http://" + addr, HTTP: &http.Client{Timeout: 45 * time.Second}, cluster: cluster, sources: sources},
		Dir:    dir, Config: path, t: t, out: &syncBuffer{},
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("the process wrote:\n%s", tail(p.out.String(), 8_000))
		}
	})
	return p
}

// Start lays out a process, starts it and waits until it is ready.
func Start(t testing.TB, cluster *Cluster, cfg Config) *Process {
	t.Helper()
	p := New(t, cluster, cfg)
	p.Start()
	p.WaitReady()
	return p
}

// Start starts the binary and does not wait.
func (p *Process) Start() {
	p.t.Helper()
	cmd := exec.Command(Binary(p.t), "run", "-c", p.Config)
	cmd.Dir = p.Dir
	cmd.Stdout, cmd.Stderr = p.out, p.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.cmd, p.exited = cmd, make(chan struct{})
	go func(done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(p.exited)
}

// WaitReady polls /readyz. Of a process that does not become ready the test says what it waits for.
func (p *Process) WaitReady() {
	p.t.Helper()
	said := ""
	poll(p.t, ReadyWithin, func() string { return "ready, it says " + said }, func() bool {
		if p.Exited() {
			p.t.Fatal("the process ended before it was ready")
		}
		r, err := p.HTTP.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		said = string(body)
		return r.StatusCode == http.StatusOK
	})
}

// Kill ends the process as a power cut would, and waits for its end.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

// Stop asks the process to drain and waits for its end.
func (p *Process) Stop() { p.end(syscall.SIGTERM) }

// Pause stops the process's clock, as an overloaded or suspended host would.
func (p *Process) Pause() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Continue ends a pause.
func (p *Process) Continue() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

// Exited reports whether the process has ended by itself.
func (p *Process) Exited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Output returns all that the process wrote so far.
func (p *Process) Output() string { return p.out.String() }

// WipeData removes the data directory of a stopped process.
func (p *Process) WipeData() {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.Dir, "data")); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Process) end(sig syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.exited
		if sig != syscall.SIGKILL {
			p.t.Errorf("the process did not stop within 20 s of %s", sig)
		}
	}
	p.cmd = nil
}

// Poll calls ok until it is true or the time is over, which fails the test.
func Poll(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	poll(t, within, func() string { return what }, ok)
}

func poll(t testing.TB, within time.Duration, what func() string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not %s within %s", what(), within)
		}
		<-tick.C
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func tail(s string, n int) string {
	if len(s) > n {
		return "..." + s[len(s)-n:]
	}
	return s
}

// Command runs another command of the binary with the process's configuration, and
// returns its standard output and its exit code.
func (p *Process) Command(args ...string) ([]byte, int) {
	p.t.Helper()
	cmd := exec.Command(Binary(p.t), append(args, "-c", p.Config)...)
	cmd.Dir = p.Dir
	var out bytes.Buffer
	talk := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = &out, talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	if text := talk.String(); text != "" {
		p.t.Logf("tidemark %s: %s", args[0], tail(text, 4_000))
	}
	return out.Bytes(), cmd.ProcessState.ExitCode()
}

// Reconfigure lays out another configuration for the process's next start: the same
// address, data directory and cluster.
func (p *Process) Reconfigure(cfg Config) {
	p.t.Helper()
	_, p.sources = cfg.write(p.t, p.Dir, strings.TrimPrefix(p.URL, "http://"), p.cluster.Addrs, p.cluster.Prefix)
}

// Execute runs the binary with the process's configuration, and returns what it
// wrote to standard output and standard error, and its exit code.
func (p *Process) Execute(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	cmd := exec.Command(Binary(p.t), append(args, "-c", p.Config)...)
	cmd.Dir = p.Dir
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return out.String(), talk.String(), cmd.ProcessState.ExitCode()
}
