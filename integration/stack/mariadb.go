package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// MariaDB is a MariaDB server that writes a binary log of rows, with database shop and one user, tidemark with
// the password tidemark, who may do everything. Nothing is flushed at a commit: it outlives the server's death,
// not the machine's.
type MariaDB struct {
	// Addr is where it listens, host:port; it stays the same over restarts.
	Addr string
	// DSN connects to database shop, in the form of the Go driver.
	DSN string

	options    Options
	home       home
	ports      ports
	programs   mariadbPrograms
	port       int
	credential *syscall.Credential
	process    *process
}

// mariadbDatabase, mariadbUser: who works there and where.
const (
	mariadbDatabase = "shop"
	mariadbUser     = "tidemark"
)

// StartMariaDB starts a server and waits until it answers a query. Started by root it runs as the user mysql
// where there is one, else as nobody; a given directory must then be one which that user can reach.
func StartMariaDB(ctx context.Context, o Options) (*MariaDB, error) {
	h, err := o.home("mariadb")
	if err != nil {
		return nil, err
	}
	m := &MariaDB{options: o, home: h}
	if err := m.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start mariadb: %w", err), m.Close())
	}
	return m, nil
}

func (m *MariaDB) start(ctx context.Context) error {
	m.options.logf("starting mariadb in %s", m.home.path)
	var err error
	if m.programs, err = findMariaDB(); err != nil {
		return err
	}
	if m.credential, err = unprivileged(m.home.path, "mysql", "nobody"); err != nil {
		return err
	}
	if m.port, err = m.ports.reserve(); err != nil {
		return err
	}
	m.Addr = loopback(m.port)
	m.DSN = mariadbUser + ":" + mariadbUser + "@tcp(" + m.Addr + ")/" + mariadbDatabase
	if err := m.initialise(ctx); err != nil {
		return err
	}
	return m.up(ctx)
}

// initialise makes the system tables, in a folder that gets its name only when it is whole.
func (m *MariaDB) initialise(ctx context.Context) error {
	if _, err := os.Stat(m.data()); err == nil {
		return nil
	}
	script, err := m.programs.systemTables()
	if err != nil {
		return err
	}
	input := filepath.Join(m.home.path, "bootstrap.sql")
	if err := os.WriteFile(input, script, 0o644); err != nil {
		return err
	}
	part := m.data() + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.Mkdir(part, 0o700); err != nil {
		return err
	}
	if m.credential != nil {
		if err := os.Chown(part, int(m.credential.Uid), int(m.credential.Gid)); err != nil {
			return err
		}
	}
	s := m.spec("bootstrap", "--no-defaults", "--datadir="+part, "--bootstrap", "--skip-grant-tables")
	s.stdin = input
	if err := run(ctx, s); err != nil {
		return err
	}
	return os.Rename(part, m.data())
}

// configure writes my.cnf, and the statements that the server runs at each start.
func (m *MariaDB) configure() error {
	users := filepath.Join(m.home.path, "users.sql")
	// One statement a line is what the server reads.
	statements := fmt.Sprintf("CREATE DATABASE IF NOT EXISTS %s;\nCREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;\n",
		mariadbDatabase, mariadbUser, mariadbUser, mariadbUser)
	if err := os.WriteFile(users, []byte(statements), 0o644); err != nil {
		return err
	}
	settings := map[string]string{
		"datadir":                        m.data(),
		"bind-address":                   "127.0.0.1",
		"port":                           strconv.Itoa(m.port),
		"socket":                         filepath.Join(m.data(), "s"),
		"pid-file":                       filepath.Join(m.data(), "pid"),
		"init-file":                      users,
		"skip-name-resolve":              "1",
		"server-id":                      "1",
		"log-bin":                        "binlog",
		"binlog_format":                  "ROW",
		"binlog_row_image":               "FULL",
		"character-set-server":           "utf8mb4",
		"default-time-zone":              "+00:00",
		"innodb_flush_log_at_trx_commit": "2",
		"innodb_buffer_pool_size":        "32M",
	}
	if err := writeProperties(m.file(), settings, m.options.Settings); err != nil {
		return err
	}
	text, err := os.ReadFile(m.file())
	if err != nil {
		return err
	}
	return os.WriteFile(m.file(), append([]byte("[mariadbd]\n"), text...), 0o644)
}

func (m *MariaDB) up(ctx context.Context) error {
	began := time.Now()
	if err := m.configure(); err != nil {
		return err
	}
	var err error
	if m.process, err = startProcess(m.spec("mariadb", "--defaults-file="+m.file())); err != nil {
		return err
	}
	if err := m.process.await(ctx, m.answers); err != nil {
		return err
	}
	m.options.logf("mariadb is ready on %s after %v", m.Addr, time.Since(began).Round(time.Millisecond))
	return nil
}

func (m *MariaDB) spec(name string, args ...string) spec {
	return spec{
		name: name, path: m.programs.server, args: args, dir: m.home.path,
		log: filepath.Join(m.home.path, name+".log"), credential: m.credential,
	}
}

// PID is the process id of the running server, 0 when it was never started.
func (m *MariaDB) PID() int { return m.process.id() }

// Stop ends the server cleanly. Stopping a stopped server does nothing.
func (m *MariaDB) Stop(ctx context.Context) error { return m.process.stop(ctx, syscall.SIGTERM) }

// Kill ends the server with SIGKILL: the next start is a crash recovery.
func (m *MariaDB) Kill() { m.process.kill() }

// Restart stops the server if it runs, and starts it again with its data on its port.
func (m *MariaDB) Restart(ctx context.Context) error {
	if err := m.Stop(ctx); err != nil {
		return err
	}
	return m.up(ctx)
}

// Close kills the server, gives its port back and removes a temporary directory.
func (m *MariaDB) Close() error {
	m.Kill()
	m.ports.release()
	return m.home.remove()
}

func (m *MariaDB) data() string { return filepath.Join(m.home.path, "data") }
func (m *MariaDB) file() string { return filepath.Join(m.home.path, "my.cnf") }

// mariadbPrograms are the server, and the folder of its system tables' statements.
type mariadbPrograms struct {
	server, share string
}

// findMariaDB finds the server. Debian keeps it outside a user's PATH; $TIDEMARK_MARIADB_HOME names another
// installation's folder, with sbin/mariadbd or bin/mariadbd and share/.
func findMariaDB() (mariadbPrograms, error) {
	bases := []string{os.Getenv("TIDEMARK_MARIADB_HOME"), "/usr", "/usr/local"}
	for _, base := range bases {
		for _, bin := range []string{"sbin", "bin"} {
			server := filepath.Join(base, bin, "mariadbd")
			if base == "" || exec.Command(server, "--version").Run() != nil {
				continue
			}
			for _, share := range []string{"share/mysql", "share/mariadb", "share"} {
				share = filepath.Join(base, share)
				if _, err := os.Stat(filepath.Join(share, "mysql_system_tables.sql")); err == nil {
					return mariadbPrograms{server: server, share: share}, nil
				}
			}
		}
	}
	return mariadbPrograms{}, errors.New("find MariaDB, run integration/stack/install.sh")
}

// systemTables are the statements that make a new data folder.
func (p mariadbPrograms) systemTables() ([]byte, error) {
	script := []byte("create database if not exists mysql;\nuse mysql;\n")
	for _, name := range []string{"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"} {
		text, err := os.ReadFile(filepath.Join(p.share, name))
		if err != nil {
			return nil, err
		}
		script = append(append(script, text...), '\n')
	}
	return script, nil
}
