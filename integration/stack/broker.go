package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Broker is one node of a Kafka, broker and controller in one process.
type Broker struct {
	// Addr is where clients reach it, host:port; it stays the same over restarts.
	Addr string
	// Node is its node id, from 1.
	Node int32

	options Options
	dir     string
	process *process
}

// PID is the process id of the running broker, 0 when it was never started.
func (b *Broker) PID() int { return b.process.id() }

// format writes the storage's identity, which a broker wants to find at its first start.
func (b *Broker) format(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(b.dir, "data", "meta.properties")); err == nil {
		return nil
	}
	s, err := b.options.javaSpec(b.dir, "format", 128, "kafka.tools.StorageTool",
		"format", "-t", clusterID, "-c", b.properties())
	if err != nil {
		return err
	}
	return run(ctx, s)
}

// launch starts the process without waiting for the server.
func (b *Broker) launch() error {
	name := fmt.Sprintf("kafka-%d", b.Node)
	s, err := b.options.javaSpec(b.dir, name, b.options.heapMB(256), "kafka.Kafka", b.properties())
	if err != nil {
		return err
	}
	b.process, err = startProcess(s)
	return err
}

// await returns when the broker lists itself and the other nodes.
func (b *Broker) await(ctx context.Context, nodes ...int32) error {
	began := time.Now()
	p, err := newProbe(b.Addr)
	if err != nil {
		return err
	}
	defer p.close()
	err = b.process.await(ctx, func(ctx context.Context) error { return p.ready(ctx, b.Node, nodes) })
	if err == nil {
		b.options.logf("kafka node %d is ready on %s after %v", b.Node, b.Addr, time.Since(began).Round(time.Millisecond))
	}
	return err
}

// Stop ends the broker cleanly: it hands over its partitions and writes its logs out. Data and port are kept.
// When ctx ends first the broker is killed and the error says so. Stopping a stopped broker does nothing.
func (b *Broker) Stop(ctx context.Context) error { return b.process.stop(ctx, syscall.SIGTERM) }

// Kill ends the broker with SIGKILL. Data and port are kept.
func (b *Broker) Kill() { b.process.kill() }

// Restart stops the broker if it runs, starts it again with its data on its port, and waits until it is back
// in its cluster.
func (b *Broker) Restart(ctx context.Context) error {
	if err := b.Stop(ctx); err != nil {
		return err
	}
	if err := b.launch(); err != nil {
		return err
	}
	return b.await(ctx, b.Node)
}

func (b *Broker) properties() string { return filepath.Join(b.dir, "server.properties") }
