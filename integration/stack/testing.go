package stack

import (
	"context"
	"os"
	"testing"
	"time"
)

// startTimeout is far above what any start takes (some 20 s for three brokers on two busy cores), so that
// only a server that hangs reaches it.
const startTimeout = 3 * time.Minute

// NeedReal skips the test unless TIDEMARK_REAL is set: the real servers take seconds to start, and their
// programs may not be installed.
func NeedReal(t testing.TB) {
	t.Helper()
	if os.Getenv("TIDEMARK_REAL") == "" {
		t.Skip("TIDEMARK_REAL is not set: make test-real runs this against real servers")
	}
}

// KafkaFor is StartKafka for a test: it ends with the test.
func KafkaFor(t testing.TB, o Options) *Kafka {
	t.Helper()
	return forTest(t, o, StartKafka)
}

// Kafka3For is StartKafka3 for a test: it ends with the test.
func Kafka3For(t testing.TB, o Options) *Kafka {
	t.Helper()
	return forTest(t, o, StartKafka3)
}

// PostgresFor is StartPostgres for a test: it ends with the test.
func PostgresFor(t testing.TB, o Options) *Postgres {
	t.Helper()
	return forTest(t, o, StartPostgres)
}

// MariaDBFor is StartMariaDB for a test: it ends with the test.
func MariaDBFor(t testing.TB, o Options) *MariaDB {
	t.Helper()
	return forTest(t, o, StartMariaDB)
}

// ConnectFor is StartConnect for a test: it ends with the test.
func ConnectFor(t testing.TB, brokers string, o Options) *Connect {
	t.Helper()
	return forTest(t, o, func(ctx context.Context, o Options) (*Connect, error) { return StartConnect(ctx, brokers, o) })
}

// RegistryFor is StartRegistry for a test: it ends with the test.
func RegistryFor(t testing.TB, o Options) *Registry {
	t.Helper()
	return forTest(t, o, StartRegistry)
}

// server is what they have in common.
type server interface {
	Close() error
	logTails(lines int) map[string]string
}

func forTest[S server](t testing.TB, o Options, start func(context.Context, Options) (S, error)) S {
	t.Helper()
	if o.Logf == nil {
		o.Logf = t.Logf
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	s, err := start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for name, tail := range s.logTails(40) {
				t.Logf("the last lines of %s:\n%s", name, tail)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("close a server: %v", err)
		}
	})
	return s
}

func (k *Kafka) logTails(lines int) map[string]string {
	tails := map[string]string{}
	for _, b := range k.Brokers {
		tails[b.process.spec.name] = b.process.logTail(lines)
	}
	return tails
}

func (c *Connect) logTails(lines int) map[string]string {
	return map[string]string{"connect": c.process.logTail(lines)}
}

func (p *Postgres) logTails(lines int) map[string]string {
	return map[string]string{"postgres": p.process.logTail(lines)}
}

func (m *MariaDB) logTails(lines int) map[string]string {
	return map[string]string{"mariadb": m.process.logTail(lines)}
}

func (r *Registry) logTails(lines int) map[string]string {
	return map[string]string{"registry": r.process.logTail(lines)}
}
