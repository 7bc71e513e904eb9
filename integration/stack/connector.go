package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// ConnectorState is what a worker says of a connector or of one of its tasks.
type ConnectorState struct {
	ID    int    `json:"id"`    // of a task; 0 for the connector itself
	State string `json:"state"` // RUNNING, FAILED, PAUSED, STOPPED, UNASSIGNED or RESTARTING
	Trace string `json:"trace"` // the exception of a failed one
}

// ConnectorStatus is the state of a connector with its tasks.
type ConnectorStatus struct {
	Name      string           `json:"name"`
	Connector ConnectorState   `json:"connector"`
	Tasks     []ConnectorState `json:"tasks"`
}

// Create creates the connector, or changes the settings of the one that has this name.
//
// A connector created again under a name that was deleted continues from the old one's offsets, which fails
// when its replication slot is gone: take another name.
func (c *Connect) Create(ctx context.Context, name string, config map[string]string) error {
	if err := c.call(ctx, http.MethodPut, connectorPath(name, "/config"), config, nil); err != nil {
		return fmt.Errorf("create connector %s: %w", name, err)
	}
	c.connectors[name] = maps.Clone(config)
	return nil
}

// Delete deletes the connector. Its offsets stay in the worker, and its slot and publication in the database.
func (c *Connect) Delete(ctx context.Context, name string) error {
	if err := c.call(ctx, http.MethodDelete, connectorPath(name, ""), nil, nil); err != nil {
		return fmt.Errorf("delete connector %s: %w", name, err)
	}
	delete(c.connectors, name)
	return nil
}

// Status asks the worker how the connector is.
func (c *Connect) Status(ctx context.Context, name string) (ConnectorStatus, error) {
	var s ConnectorStatus
	if err := c.call(ctx, http.MethodGet, connectorPath(name, "/status"), nil, &s); err != nil {
		return s, fmt.Errorf("status of connector %s: %w", name, err)
	}
	return s, nil
}

// WaitConnector waits until the connector and its tasks run and the replication slot is in use, so that every
// commit from here on becomes an event. Rows that were there before may still be on their way: the slot is in
// use during the first snapshot too. A failed task ends the waiting with its exception.
func (c *Connect) WaitConnector(ctx context.Context, name string, db *Postgres, slot string) error {
	return c.waitUntil(ctx, name, func(ctx context.Context) error { return db.slotActive(ctx, slot) })
}

// Failed is the exception of a connector or a task of it that has failed; nil when none has, or none can be asked.
func (c *Connect) Failed(ctx context.Context, name string) error {
	s, err := c.Status(ctx, name)
	if err != nil {
		return nil
	}
	return s.failure()
}

// WaitRunning waits until the connector and its tasks run. That says nothing of what a task has done: it reads
// its first snapshot, and then the log from that snapshot on. A failed task ends the waiting with its exception.
func (c *Connect) WaitRunning(ctx context.Context, name string) error {
	return c.waitUntil(ctx, name, func(context.Context) error { return nil })
}

// waitUntil waits until the connector runs and also is nil.
func (c *Connect) waitUntil(ctx context.Context, name string, also func(context.Context) error) error {
	began := time.Now()
	var failed error
	err := c.process.await(ctx, func(ctx context.Context) error {
		s, err := c.Status(ctx, name)
		if err != nil {
			return err
		}
		if failed = s.failure(); failed != nil {
			return nil
		}
		if err := s.running(); err != nil {
			return err
		}
		return also(ctx)
	})
	if err = errors.Join(failed, err); err != nil {
		return fmt.Errorf("wait for connector %s: %w", name, err)
	}
	c.options.logf("connector %s is running after %v", name, time.Since(began).Round(time.Millisecond))
	return nil
}

func (s ConnectorStatus) running() error {
	if len(s.Tasks) == 0 {
		return fmt.Errorf("connector %s is %s and has no task yet", s.Name, s.Connector.State)
	}
	for _, part := range append([]ConnectorState{s.Connector}, s.Tasks...) {
		if part.State != "RUNNING" {
			return fmt.Errorf("connector %s is %s", s.Name, part.State)
		}
	}
	return nil
}

func (s ConnectorStatus) failure() error {
	for _, part := range append([]ConnectorState{s.Connector}, s.Tasks...) {
		if part.State == "FAILED" {
			return fmt.Errorf("connector %s failed: %s", s.Name, part.Trace)
		}
	}
	return nil
}

func connectorPath(name, rest string) string { return "/connectors/" + url.PathEscape(name) + rest }

// call sends one request with a JSON body and decodes the JSON answer; in and out may be nil.
func (c *Connect) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, bytes.TrimSpace(raw))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}
