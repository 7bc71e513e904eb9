package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Postgres is a PostgreSQL server with wal_level=logical and one superuser, postgres, that needs no password
// on loopback. fsync is off: a commit outlives the server's death, not the machine's.
type Postgres struct {
	// Addr is where it listens, host:port; it stays the same over restarts.
	Addr string
	// DSN connects to database postgres as user postgres.
	DSN string

	options    Options
	home       home
	ports      ports
	bin        string
	credential *syscall.Credential
	process    *process
}

// StartPostgres starts a server and waits until it answers a query. The server refuses to run as root, so a
// root process starts it as the user postgres; a given directory must then be one which that user can reach.
func StartPostgres(ctx context.Context, o Options) (*Postgres, error) {
	h, err := o.home("postgres")
	if err != nil {
		return nil, err
	}
	p := &Postgres{options: o, home: h}
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start postgres: %w", err), p.Close())
	}
	return p, nil
}

func (p *Postgres) start(ctx context.Context) error {
	p.options.logf("starting postgres in %s", p.home.path)
	var err error
	if p.bin, err = postgresBin(); err != nil {
		return err
	}
	if p.credential, err = unprivileged(p.home.path, "postgres"); err != nil {
		return err
	}
	port, err := p.ports.reserve()
	if err != nil {
		return err
	}
	p.Addr = loopback(port)
	p.DSN = "postgres://postgres@" + p.Addr + "/postgres?sslmode=disable"
	if err := p.initialise(ctx); err != nil {
		return err
	}
	if err := p.configure(port); err != nil {
		return err
	}
	return p.up(ctx)
}

func (p *Postgres) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); err == nil {
		return nil
	}
	return run(ctx, p.spec("initdb", syscall.SIGKILL,
		"-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"))
}

// configure replaces postgresql.conf. There is no Unix socket, whose path would have to be short.
func (p *Postgres) configure(port int) error {
	settings := map[string]string{
		"listen_addresses":        "'127.0.0.1'",
		"port":                    strconv.Itoa(port),
		"unix_socket_directories": "''",
		"wal_level":               "logical",
		"max_replication_slots":   "40",
		"max_wal_senders":         "40",
		"max_slot_wal_keep_size":  "'1GB'",
		"fsync":                   "off",
		"timezone":                "'UTC'",
	}
	return writeProperties(filepath.Join(p.data(), "postgresql.conf"), settings, p.options.Settings)
}

func (p *Postgres) up(ctx context.Context) error {
	began := time.Now()
	var err error
	// SIGQUIT ends the children too; a killed postmaster would leave them to find out.
	if p.process, err = startProcess(p.spec("postgres", syscall.SIGQUIT, "-D", p.data())); err != nil {
		return err
	}
	if err := p.process.await(ctx, p.answers); err != nil {
		return err
	}
	p.options.logf("postgres is ready on %s after %v", p.Addr, time.Since(began).Round(time.Millisecond))
	return nil
}

func (p *Postgres) spec(name string, death syscall.Signal, args ...string) spec {
	return spec{
		name: name, path: filepath.Join(p.bin, name), args: args, dir: p.home.path,
		log: filepath.Join(p.home.path, name+".log"), credential: p.credential, deathSig: death,
	}
}

// PID is the process id of the running server's first process, 0 when it was never started.
func (p *Postgres) PID() int { return p.process.id() }

// Stop ends the server cleanly, its connections included. Stopping a stopped server does nothing.
func (p *Postgres) Stop(ctx context.Context) error { return p.process.stop(ctx, syscall.SIGINT) }

// Kill ends the server without a checkpoint: the next start is a crash recovery.
func (p *Postgres) Kill() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// What a timeout leaves is killed, which is what was asked for.
	_ = p.process.stop(ctx, syscall.SIGQUIT)
}

// Restart stops the server if it runs, and starts it again with its data on its port.
func (p *Postgres) Restart(ctx context.Context) error {
	if err := p.Stop(ctx); err != nil {
		return err
	}
	return p.up(ctx)
}

// Close kills the server, gives its port back and removes a temporary directory.
func (p *Postgres) Close() error {
	p.Kill()
	p.ports.release()
	return p.home.remove()
}

func (p *Postgres) data() string { return filepath.Join(p.home.path, "data") }

// postgresBin finds the folder of the server's programs, the newest version's where there are several. Debian
// keeps them outside PATH; $TIDEMARK_POSTGRES_BIN names another place.
func postgresBin() (string, error) {
	if dir := os.Getenv("TIDEMARK_POSTGRES_BIN"); dir != "" {
		return dir, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	versions := map[int]string{}
	for _, path := range found {
		dir := filepath.Dir(path)
		if v, err := strconv.Atoi(strings.Split(dir, "/")[4]); err == nil {
			versions[v] = dir
		}
	}
	if len(versions) > 0 {
		return versions[slices.Max(slices.Collect(maps.Keys(versions)))], nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL, run integration/stack/install.sh: %w", err)
	}
	return filepath.Dir(path), nil
}
