package kafka_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/kafka"
)

// answering is a server that is no Kafka: it sends some bytes to whoever connects.
func answering(t *testing.T, bytes string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1024))
			_, _ = c.Write([]byte(bytes))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func TestWhyBrokersCannotBeSpokenToIsSaidClearly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	for name, c := range map[string]struct{ at, want string }{
		"nobody listens":  {closed, "Kafka at " + closed + " does not answer: refused"},
		"a database":      {answering(t, "E\x00\x00\x00\x65SFATAL"), "does not speak Kafka's protocol"},
		"a web server":    {answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak Kafka's protocol"},
		"ends at once":    {answering(t, ""), "ended the connection"},
		"no such machine": {"broker.invalid:9092", "there is no host broker.invalid"},
	} {
		client, err := kafka.Settings{Brokers: []string{c.at}}.Client()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err = client.Ping(ctx)
		cancel()
		client.Close()
		if err == nil || !kafka.Unreachable(err) {
			t.Errorf("%s: unreachable is not told by %v", name, err)
			continue
		}
		if got := kafka.Explain([]string{c.at}, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %q; the error was %v", name, got, c.want, err)
		}
	}
}
