package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Options say where a broker keeps its data and where it listens.
type Options struct {
	// Dir keeps topics, groups and records; made if absent. Empty means memory
	// only, at one and a half times the size of the data.
	Dir string
	// Addr is 127.0.0.1:port or localhost:port; port 0 or an empty Addr takes a free one.
	Addr string
	// Topics are made with so many partitions each, unless they exist.
	Topics map[string]int32
	// Unsynced leaves it to the operating system when records reach the disk:
	// faster, for benchmarks; a crash of the machine may lose some.
	Unsynced bool
	// Logger gets warnings of the broker; nil discards them.
	Logger *slog.Logger
}

// Validate says what is wrong with the options.
func (o Options) Validate() error {
	var errs []error
	if o.Addr != "" {
		if _, err := o.port(); err != nil {
			errs = append(errs, err)
		}
	}
	for name, n := range o.Topics {
		if name == "" || n < 1 {
			errs = append(errs, fmt.Errorf("option Topics[%q] is %d: want a name and at least 1 partition", name, n))
		}
	}
	return errors.Join(errs...)
}

func (o Options) port() (int, error) {
	if o.Addr == "" {
		return 0, nil
	}
	host, ps, err := net.SplitHostPort(o.Addr)
	port, perr := strconv.ParseUint(ps, 10, 16)
	if err != nil || perr != nil || (host != "127.0.0.1" && host != "localhost") {
		return 0, fmt.Errorf("option Addr is %q: want 127.0.0.1:port, since the broker listens on loopback only", o.Addr)
	}
	return int(port), nil
}

// ErrPortBusy is in the error when something else listens on the address.
var ErrPortBusy = errors.New("the port is in use")

// ErrDirBusy is in the error when another process has the directory open.
var ErrDirBusy = errors.New("the directory is in use by another process")

// Broker is a running broker.
type Broker struct {
	cluster *kfake.Cluster
	addrs   []string
	lock    *os.File
	closing sync.Once
}

const years = 10 * 365 * 24 * time.Hour

// MaxMessageBytes is the largest batch that a topic takes unless it says otherwise.
const MaxMessageBytes = 16 << 20

// Start runs a broker until Close. It returns when clients can connect; ctx bounds only that.
func Start(ctx context.Context, o Options) (*Broker, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of the embedded broker: %w", err)
	}
	port, _ := o.port()
	b := &Broker{}
	if o.Dir != "" {
		lock, err := lockDir(o.Dir)
		if err != nil {
			return nil, fmt.Errorf("open the embedded broker's directory %s: %w", o.Dir, err)
		}
		b.lock = lock
	}
	cluster, err := kfake.NewCluster(o.settings(port)...)
	if err != nil {
		b.unlock()
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w: %w", ErrPortBusy, err)
		}
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	b.cluster, b.addrs = cluster, cluster.ListenAddrs()
	if err := b.makeTopics(ctx, o.Topics); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// settings turns the options into kfake's.
func (o Options) settings(port int) []kfake.Opt {
	never := strconv.FormatInt(years.Milliseconds(), 10)
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.Ports(port),
		kfake.ClusterID("tidemark-embedded"),
		kfake.ListenFn(guardedListen),
		kfake.WithLogger(logging{logger}),
		kfake.GroupMinSessionTimeout(100 * time.Millisecond),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.ms":           "-1",
			"log.cleaner.backoff.ms":     never, // no compaction while it serves
			"offsets.retention.minutes":  strconv.Itoa(int(years.Minutes())),
			"message.max.bytes":          strconv.Itoa(MaxMessageBytes),
			"default.replication.factor": "1",
		}),
	}
	if o.Dir != "" {
		opts = append(opts, kfake.DataDir(filepath.Join(o.Dir, "log")))
		if !o.Unsynced {
			opts = append(opts, kfake.SyncWrites())
		}
	}
	return opts
}

// Addrs returns the addresses to connect to.
func (b *Broker) Addrs() []string { return b.addrs }

// Faults gives access to the broker's fault injection: ControlKey and its like.
func (b *Broker) Faults() *kfake.Cluster { return b.cluster }

// Close stops the broker. What was acknowledged stays in its directory.
func (b *Broker) Close() error {
	b.closing.Do(func() {
		b.cluster.Close()
		b.unlock()
	})
	return nil
}

// lockDir makes the directory and takes it for this process: two brokers over
// one log would ruin it. The lock ends with the process, also by kill -9.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrDirBusy
		}
		return nil, err
	}
	return f, nil
}

func (b *Broker) unlock() {
	if b.lock != nil {
		_ = b.lock.Close()
	}
}

// logging passes kfake's warnings and errors on; its other levels are its own affair.
type logging struct{ logger *slog.Logger }

// Logf implements kfake.Logger.
func (l logging) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.logger.Error("embedded broker", "message", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.logger.Warn("embedded broker", "message", fmt.Sprintf(format, args...))
	}
}
