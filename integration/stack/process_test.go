package stack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asParent makes the test binary a process that starts a child and waits to be killed.
const asParent = "STACK_TEST_AS_PARENT"

func TestMain(m *testing.M) {
	if log := os.Getenv(asParent); log != "" {
		p, err := startProcess(spec{name: "child", path: "/bin/sleep", args: []string{"600"}, log: log})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.pid)
		<-p.done
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestChildEndsWithItsParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"="+filepath.Join(t.TempDir(), "log"))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := readPID(t, out)
	if ended(child) {
		t.Fatal("the child ended before its parent")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed, and says so
	waitEnded(t, child)
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess(spec{name: "group", path: "/bin/sh", args: []string{"-c", "sleep 600 & echo $!; wait"}, log: log})
	if err != nil {
		t.Fatal(err)
	}
	var grandchild int
	err = p.await(t.Context(), func(context.Context) error {
		grandchild, err = strconv.Atoi(strings.TrimSpace(p.logTail(1)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.kill()
	waitEnded(t, grandchild)
	if p.running() {
		t.Error("a killed process counts as running")
	}
}

func TestAwaitTellsWhyAChildEnded(t *testing.T) {
	p, err := startProcess(spec{
		name: "server", path: "/bin/sh", args: []string{"-c", "echo address in use; exit 3"},
		log: filepath.Join(t.TempDir(), "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = p.await(t.Context(), func(context.Context) error { return errors.New("connection refused") })
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "address in use") {
		t.Fatalf("await: %v, want the exit status and the log", err)
	}
}

func TestAwaitTellsWhatItWaitedFor(t *testing.T) {
	p, err := startProcess(spec{name: "server", path: "/bin/sleep", args: []string{"600"}, log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = p.await(ctx, func(context.Context) error { return errors.New("no controller") })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no controller") {
		t.Fatalf("await: %v, want the deadline and the last reason", err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess(spec{
		name: "stubborn", path: "/bin/sh", args: []string{"-c", "trap '' TERM; echo ready; while :; do sleep 1; done"}, log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = p.await(t.Context(), func(context.Context) error {
		if p.logTail(1) != "ready" {
			return errors.New("no trap yet")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.stop(ctx, 15); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: %v, want the deadline", err)
	}
	if p.running() {
		t.Error("it still runs")
	}
}

func readPID(t *testing.T, r io.Reader) int {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// ended counts a process that only waits to be reaped as ended: nobody may be there to do it.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	rest := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	return strings.HasPrefix(rest, " Z") || strings.HasPrefix(rest, " X")
}

func waitEnded(t *testing.T, pid int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ended(pid) {
		select {
		case <-deadline:
			t.Fatalf("process %d still runs", pid)
		case <-tick.C:
		}
	}
}

func TestChildrenEndApart(t *testing.T) {
	dir := t.TempDir()
	start := func(name string) *process {
		p, err := startProcess(spec{name: name, path: "/bin/sleep", args: []string{"600"}, log: filepath.Join(dir, name)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.kill)
		return p
	}
	// A plain child, forked on whichever thread: the ends of many others must leave it alone.
	runtime.LockOSThread()
	plain := exec.Command("/bin/sleep", "600")
	plain.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := plain.Start()
	runtime.UnlockOSThread()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = plain.Process.Kill(), plain.Wait() })
	var others []*process
	for i := range 50 {
		others = append(others, start(strconv.Itoa(i)))
	}
	for _, p := range others {
		p.kill()
	}
	if ended(plain.Process.Pid) {
		t.Error("a child ended with the others")
	}
}
