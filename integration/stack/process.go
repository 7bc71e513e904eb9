package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spec is a program to run as a child.
type spec struct {
	name       string
	path       string
	args       []string
	dir        string
	stdin      string // a file to read from; empty for none
	log        string // receives stdout and stderr, appended to over restarts
	credential *syscall.Credential
	deathSig   syscall.Signal // what the child gets when this process ends; 0 means SIGKILL
}

// process is a running child, the leader of a process group of its own.
type process struct {
	spec spec
	pid  int
	done chan struct{} // closed when the child is reaped; exit may be read then
	exit error
}

// startProcess starts the child on a thread that outlives it. The kernel sends the death signal when the thread
// that forked ends, not the process, and a thread ends with a goroutine that locked it and did not let go: this
// one holds its thread while the child runs and gives it back whole, since others may have forked on it too.
func startProcess(s spec) (*process, error) {
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	if s.deathSig == 0 {
		s.deathSig = syscall.SIGKILL
	}
	cmd := exec.Command(s.path, s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, out, out
	in, err := s.input()
	if err != nil {
		out.Close()
		return nil, err
	}
	cmd.Stdin = in
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: s.deathSig, Credential: s.credential}

	p := &process{spec: s, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		out.Close()
		in.Close()
		if err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.exit = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	return p, nil
}

// input opens what the child reads.
func (s spec) input() (*os.File, error) {
	path := s.stdin
	if path == "" {
		path = os.DevNull
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	return in, nil
}

func (p *process) id() int {
	if p == nil {
		return 0
	}
	return p.pid
}

func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill ends the whole group at once and waits until the child is reaped.
func (p *process) kill() {
	if !p.running() {
		return
	}
	// The group is gone when the child ended in between; both ways lead to done.
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	<-p.done
}

// stop asks the child to end and waits. When ctx ends first, the group is killed and the error says so.
func (p *process) stop(ctx context.Context, sig syscall.Signal) error {
	if !p.running() {
		return nil
	}
	if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop %s: %w", p.spec.name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("stop %s: killed, it was still running: %w", p.spec.name, context.Cause(ctx))
	}
}

// await polls ready until it is nil. It gives up when the child has ended or ctx has, and says why with the
// last reason and the end of the child's log.
func (p *process) await(ctx context.Context, ready func(context.Context) error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		reason := ready(once)
		cancel()
		if reason == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready (%v)\n%s", p.spec.name, p.exit, p.logTail(30))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w (%w)\n%s", p.spec.name, reason, context.Cause(ctx), p.logTail(30))
		case <-tick.C:
		}
	}
}

// logTail returns the last lines of what the child wrote.
func (p *process) logTail(lines int) string {
	raw, err := os.ReadFile(p.spec.log)
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimRight(raw, "\n"), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}

// run runs a program to its end, as a child with the same guards, and returns an error with the end of its
// log when it did not succeed.
func run(ctx context.Context, s spec) error {
	p, err := startProcess(s)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("%s: %w", s.name, context.Cause(ctx))
	}
	if p.exit != nil {
		return fmt.Errorf("%s: %w\n%s", s.name, p.exit, p.logTail(30))
	}
	return nil
}

// RSS is the resident memory of a process, in bytes.
func RSS(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no resident memory", pid)
}
