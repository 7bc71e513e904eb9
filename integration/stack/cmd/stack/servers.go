package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/tidemark/tidemark/integration/stack"
)

// server is what ends: cleanly first, since a kept directory is to be used again.
type server interface {
	Stop(ctx context.Context) error
	Close() error
}

// variable says where a server is.
type variable struct {
	name, value string
}

// servers are the ones that run, in the order of their starts.
type servers struct {
	all       []server
	variables []variable
}

func (s *servers) add(one server, name, value string) {
	s.all = append(s.all, one)
	s.variables = append(s.variables, variable{name, value})
}

// start starts what the flags ask for. After an error, what did start is there to be ended.
func (s *servers) start(ctx context.Context, f flags, stderr io.Writer) error {
	o, startKafka := f.options("kafka", stderr), stack.StartKafka
	o.HeapMB = f.heap
	if f.brokers == 3 {
		startKafka = stack.StartKafka3
	}
	kafka, err := startKafka(ctx, o)
	if err != nil {
		return err
	}
	s.add(kafka, "TIDEMARK_KAFKA", kafka.Addr)
	if f.postgres {
		db, err := stack.StartPostgres(ctx, f.options("postgres", stderr))
		if err != nil {
			return err
		}
		s.add(db, "TIDEMARK_POSTGRES", db.DSN)
	}
	if f.mariadb {
		db, err := stack.StartMariaDB(ctx, f.options("mariadb", stderr))
		if err != nil {
			return err
		}
		s.add(db, "TIDEMARK_MARIADB", db.DSN)
	}
	if f.connect {
		o := f.options("connect", stderr)
		if o.Plugins = []string{"debezium-postgres"}; f.mariadb {
			o.Plugins = append(o.Plugins, "debezium-mariadb")
		}
		worker, err := stack.StartConnect(ctx, kafka.Addr, o)
		if err != nil {
			return err
		}
		s.add(worker, "TIDEMARK_CONNECT", worker.URL)
	}
	return nil
}

// run runs the command to its end. An interrupted one gets the signal too, and time to end by itself.
func (s *servers) run(ctx context.Context, command []string, stdout, stderr io.Writer) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.Env = os.Environ()
	for _, v := range s.variables {
		cmd.Env = append(cmd.Env, v.name+"="+v.value)
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd.Run()
}

// end goes backwards: whoever uses a server ends before it.
func (s *servers) end() error {
	var errs []error
	for i := len(s.all) - 1; i >= 0; i-- {
		errs = append(errs, stop(s.all[i]))
	}
	return errors.Join(errs...)
}

func stop(s server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(s.Stop(ctx), s.Close())
}
