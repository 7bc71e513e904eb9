package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Registry is Apicurio's schema registry. It keeps its schemas in memory: one that is
// started again has forgotten them, and gives their ids to others. To take it away for
// a while, freeze it.
type Registry struct {
	// URL is the base of Confluent's API.
	URL string

	options Options
	home    home
	ports   ports
	process *process
	native  string
	http    *http.Client
}

// StartRegistry starts a registry and waits until it answers, which takes some ten seconds.
func StartRegistry(ctx context.Context, o Options) (*Registry, error) {
	h, err := o.home("registry")
	if err != nil {
		return nil, err
	}
	r := &Registry{options: o, home: h, http: &http.Client{Timeout: 5 * time.Second}}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start the schema registry: %w", err), r.Close())
	}
	return r, nil
}

func (r *Registry) start(ctx context.Context) error {
	began := time.Now()
	port, err := r.ports.reserve()
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(loopback(port))
	if err != nil {
		return err
	}
	r.URL = "http://" + loopback(port) + "/apis/ccompat/v7"
	r.native = "http://" + loopback(port) + "/apis/registry/v2"
	java, err := findJava()
	if err != nil {
		return err
	}
	jars, err := r.options.jars("apicurio-registry")
	if err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(jars, "*-runner.jar"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%s has no runner: %w", jars, err)
	}
	r.process, err = startProcess(spec{
		name: "registry", path: java, dir: r.home.path, log: filepath.Join(r.home.path, "registry.log"),
		args: append(r.options.javaFlags(r.options.heapMB(384)),
			"-Dquarkus.http.host="+host, "-Dquarkus.http.port="+strconv.Itoa(port), "-jar", found[0]),
	})
	if err != nil {
		return err
	}
	if err := r.process.await(ctx, r.ready); err != nil {
		return err
	}
	r.options.logf("the schema registry is ready on %s after %v", r.URL, time.Since(began).Round(time.Millisecond))
	return nil
}

func (r *Registry) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/subjects", nil)
	if err != nil {
		return err
	}
	res, err := r.http.Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /subjects: %s", res.Status)
	}
	return nil
}

// Freeze stops the registry where it is: connections stay open, and nothing answers.
func (r *Registry) Freeze() error { return syscall.Kill(-r.process.id(), syscall.SIGSTOP) }

// Thaw lets a frozen registry continue.
func (r *Registry) Thaw() error { return syscall.Kill(-r.process.id(), syscall.SIGCONT) }

// Converters are the settings of a connector that make it write keys and values in
// Avro, with this registry and ids of 4 bytes. The worker needs the plugin
// apicurio-converter, and plugin.discovery=hybrid_warn.
func (r *Registry) Converters() map[string]string {
	out := map[string]string{}
	for _, side := range []string{"key", "value"} {
		c := side + ".converter"
		out[c] = "io.apicurio.registry.utils.converter.AvroConverter"
		out[c+".apicurio.registry.url"] = r.native
		out[c+".apicurio.registry.auto-register"] = "true"
		out[c+".apicurio.registry.find-latest"] = "true"
		out[c+".apicurio.registry.as-confluent"] = "true"
		out[c+".apicurio.registry.use-id"] = "contentId"
		out[c+".apicurio.registry.headers.enabled"] = "false"
	}
	return out
}

// Close kills the registry, gives its port back and removes a temporary directory.
func (r *Registry) Close() error {
	r.process.kill()
	r.ports.release()
	r.http.CloseIdleConnections()
	return r.home.remove()
}
