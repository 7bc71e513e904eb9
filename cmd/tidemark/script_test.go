package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
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
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidemark": main})
}

// TestCommands runs the transcripts in testdata/script: each line with a command
// is as a person would type it.
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
			"produce":  produce,
			"tlsawait": awaitTLS,
			"readenv":  readEnv,
			"says":     says,
			"crowd":    crowd,

			"certificate": certificate,
			"within":      within,
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
	awaitWith(ts, http.DefaultClient, neg, args[0])
}

// tlsawait url cert: the same where the certificate is to be trusted.
func awaitTLS(ts *testscript.TestScript, neg bool, args []string) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(ts.ReadFile(args[1])))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	awaitWith(ts, &http.Client{Transport: transport}, neg, args[0])
}

// readenv VAR file: sets what the file holds.
func readEnv(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

func awaitWith(ts *testscript.TestScript, client *http.Client, neg bool, url string) {
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		resp, err := client.Get(url)
		if err == nil {
			_ = resp.Body.Close()
		}
		if neg && err != nil || !neg && err == nil && resp.StatusCode == http.StatusOK {
			return
		}
		<-tick.C
	}
	ts.Fatalf("%s: not as wanted within a minute", url)
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

// certificate cert key: writes a certificate for localhost and its key.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	ts.Check(err)
	keyDER, err := x509.MarshalECPrivateKey(key)
	ts.Check(err)
	write := func(name, kind string, der []byte) {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	write(args[0], "CERTIFICATE", der)
	write(args[1], "EC PRIVATE KEY", keyDER)
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

// produce broker topic key value: sends one record as a Java producer would.
func produce(ts *testscript.TestScript, _ bool, args []string) {
	c, err := kafka.Settings{Brokers: []string{strings.TrimSpace(args[0])}}.Client()
	ts.Check(err)
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ts.Check(c.ProduceSync(ctx, &kgo.Record{Topic: args[1], Key: []byte(args[2]), Value: []byte(args[3])}).FirstErr())
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
