package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidemark/tidemark/cmd/tidemark/demo"
	"github.com/tidemark/tidemark/integration/broker"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidemark": main})
}

// TestCommands runs the transcripts in testdata/script: each line with a command
// stands as a person would type it.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":    exits,
			"freeaddr": freeAddr,
			"await":    await,
			"answers":  answersCalls,
			"broker":   startBroker,
			"sigterm":  sigterm,
			"hold":     hold,
			"within":   within,
		},
		ContinueOnError:     false,
		RequireExplicitExec: true,
	})
}

// exits code program arg...: the program ends with that code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("it ended with %d, want %d\n%s", got, want, ts.ReadFile("stderr"))
	}
}

// freeaddr VAR: sets a loopback address that was free a moment ago.
func freeAddr(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer func() { _ = l.Close() }()
	ts.Setenv(args[0], l.Addr().String())
}

// await url: waits until it is answered with 200; with !, until nobody answers.
func await(ts *testscript.TestScript, neg bool, args []string) {
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		resp, err := http.Get(args[0])
		if err == nil {
			_ = resp.Body.Close()
		}
		if neg && err != nil || !neg && err == nil && resp.StatusCode == http.StatusOK {
			return
		}
		<-tick.C
	}
	ts.Fatalf("%s: not as wanted within a minute", args[0])
}

// answers base: every call that the demo prints is answered with success.
func answersCalls(ts *testscript.TestScript, _ bool, args []string) {
	for _, c := range demo.Calls() {
		req, err := http.NewRequest(c.Method, args[0]+c.Path, strings.NewReader(c.Body))
		ts.Check(err)
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		_ = resp.Body.Close()
		if resp.StatusCode >= 300 {
			ts.Fatalf("%s: %s", c.Curl(args[0]), resp.Status)
		}
	}
}

// broker VAR topic=partitions...: runs a broker until the script ends.
func startBroker(ts *testscript.TestScript, _ bool, args []string) {
	topics := map[string]int32{}
	for _, arg := range args[1:] {
		name, n, _ := strings.Cut(arg, "=")
		partitions, err := strconv.ParseInt(n, 10, 32)
		ts.Check(err)
		topics[name] = int32(partitions)
	}
	b, err := broker.Start(context.Background(), broker.Options{Topics: topics})
	ts.Check(err)
	ts.Defer(func() { _ = b.Close() })
	ts.Setenv(args[0], b.Addrs()[0])
}

// sigterm: asks every program in the background to stop, as a supervisor does.
func sigterm(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// hold url: begins a request that waits half a minute for a position that never comes.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	req, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	req.Header.Set("Tidemark-Min-Position", "0:999999999")
	req.Header.Set("Tidemark-Wait", "30s")
	sent := make(chan struct{})
	req = req.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
	}))
	go func() {
		// On a connection of its own: one that was used before counts as idle until the request is read.
		client := http.Client{Transport: &http.Transport{}}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-sent
}

// within duration: the program in the background ends in this time. How, is for wait to say.
func within(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	deadline := time.After(limit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, cmd := range ts.BackgroundCmds() {
		for cmd.Process.Signal(syscall.Signal(0)) == nil {
			select {
			case <-tick.C:
			case <-deadline:
				ts.Fatalf("it still runs after %s", limit)
			}
		}
	}
}

// TestExitCodes pins which error ends the program how.
func TestExitCodes(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0}, {errors.New("x"), 1}, {usage(errors.New("x")), 2}, {notFound(errors.New("x")), 3}, {errDiffers, 4}, {context.Canceled, 0},
		{os.ErrNotExist, 1},
	} {
		if got := exitCode(tc.err); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestKeysInPaths(t *testing.T) {
	for want, key := range map[string][]string{
		"42":        {"42"},
		"42,eu":     {"42,eu"},
		"a%2Cb":     {"a%2Cb"},
		"a%20b":     {"a b"},
		"42,e%2Cu":  {"42", "e,u"},
		"1%2F2,3":   {"1/2", "3"},
		"100%25,x":  {"100%", "x"},
		"x%2Cy,%25": {"x,y", "%"},
	} {
		if got := keyPath(key); got != want {
			t.Errorf("%q becomes %s, want %s", key, got, want)
		}
	}
}
