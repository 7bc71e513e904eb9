package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Connect is a standalone Kafka Connect worker.
type Connect struct {
	// URL is the base of its REST interface, without a slash at the end.
	URL string

	options    Options
	home       home
	ports      ports
	process    *process
	http       *http.Client
	connectors map[string]map[string]string
}

// StartConnect starts a worker for the Kafka at the given bootstrap list and waits until its REST interface
// answers. Its offsets lie in its directory, so that a restarted worker continues where it was.
func StartConnect(ctx context.Context, brokers string, o Options) (*Connect, error) {
	h, err := o.home("connect")
	if err != nil {
		return nil, err
	}
	c := &Connect{
		options: o, home: h,
		http:       &http.Client{Timeout: 2 * time.Minute}, // a worker starts one connector after the other
		connectors: map[string]map[string]string{},
	}
	if err := c.start(ctx, brokers); err != nil {
		return nil, errors.Join(fmt.Errorf("start connect: %w", err), c.Close())
	}
	return c, nil
}

func (c *Connect) start(ctx context.Context, brokers string) error {
	c.options.logf("starting connect in %s", c.home.path)
	port, err := c.ports.reserve()
	if err != nil {
		return err
	}
	c.URL = "http://" + loopback(port)
	plugins, err := c.linkPlugins()
	if err != nil {
		return err
	}
	if err := writeProperties(c.properties(), workerProperties(c, brokers, plugins), c.options.Settings); err != nil {
		return err
	}
	return c.up(ctx)
}

// linkPlugins makes a folder that holds the wanted plugins and no others: a worker looks through all it
// finds, which takes seconds for each.
func (c *Connect) linkPlugins() (string, error) {
	names := c.options.Plugins
	if len(names) == 0 {
		names = []string{"debezium-postgres"}
	}
	folder := filepath.Join(c.home.path, "plugins")
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", err
	}
	for _, name := range names {
		jars, err := c.options.jars(name)
		if err != nil {
			return "", err
		}
		if err := os.Symlink(jars, filepath.Join(folder, name)); err != nil {
			return "", err
		}
	}
	return folder, nil
}

func workerProperties(c *Connect, brokers, plugins string) map[string]string {
	return map[string]string{
		"bootstrap.servers":                       brokers,
		"listeners":                               c.URL,
		"rest.advertised.host.name":               "127.0.0.1",
		"key.converter":                           "org.apache.kafka.connect.json.JsonConverter",
		"value.converter":                         "org.apache.kafka.connect.json.JsonConverter",
		"key.converter.schemas.enable":            "true",
		"value.converter.schemas.enable":          "true",
		"offset.storage.file.filename":            filepath.Join(c.home.path, "connect.offsets"),
		"offset.flush.interval.ms":                "1000",
		"plugin.path":                             plugins,
		"plugin.discovery":                        "service_load",
		"producer.max.request.size":               "8388608",
		"producer.linger.ms":                      "5",
		"connector.client.config.override.policy": "All",
		"topic.creation.enable":                   "true",
	}
}

// up starts the worker and brings back the connectors that it had: a standalone worker keeps their offsets,
// and forgets the connectors themselves.
func (c *Connect) up(ctx context.Context) error {
	began := time.Now()
	s, err := c.options.javaSpec(c.home.path, "connect", c.options.heapMB(512),
		"org.apache.kafka.connect.cli.ConnectStandalone", c.properties())
	if err != nil {
		return err
	}
	if c.process, err = startProcess(s); err != nil {
		return err
	}
	// For a second or so after the port opens every path is a 404.
	err = c.process.await(ctx, func(ctx context.Context) error { return c.call(ctx, http.MethodGet, "/connectors", nil, nil) })
	if err != nil {
		return err
	}
	c.options.logf("connect is ready on %s after %v", c.URL, time.Since(began).Round(time.Millisecond))
	for _, name := range slices.Sorted(maps.Keys(c.connectors)) {
		if err := c.Create(ctx, name, c.connectors[name]); err != nil {
			return err
		}
	}
	return nil
}

// PID is the process id of the running worker, 0 when it was never started.
func (c *Connect) PID() int { return c.process.id() }

// Stop ends the worker cleanly: its offsets are written. Stopping a stopped worker does nothing.
func (c *Connect) Stop(ctx context.Context) error { return c.process.stop(ctx, syscall.SIGTERM) }

// Kill ends the worker with SIGKILL: what it produced since its last offset flush, a second at most, will come
// again; where there was no flush yet, that is the whole snapshot.
func (c *Connect) Kill() { c.process.kill() }

// Restart stops the worker if it runs, starts it on the same port, and creates its connectors again. It does
// not wait for those; WaitConnector does.
func (c *Connect) Restart(ctx context.Context) error {
	if err := c.Stop(ctx); err != nil {
		return err
	}
	return c.up(ctx)
}

// Close kills the worker, gives its port back and removes a temporary directory.
func (c *Connect) Close() error {
	c.Kill()
	c.ports.release()
	c.http.CloseIdleConnections()
	return c.home.remove()
}

func (c *Connect) properties() string { return filepath.Join(c.home.path, "worker.properties") }
