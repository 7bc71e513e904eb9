package stack

import (
	"strings"
	"testing"
)

func TestConnectorRunsWhenItsTasksDo(t *testing.T) {
	run, fail := ConnectorState{State: "RUNNING"}, ConnectorState{ID: 1, State: "FAILED", Trace: "slot is gone"}
	for name, c := range map[string]struct {
		tasks           []ConnectorState
		running, failed bool
	}{
		"no task yet":  {},
		"one runs":     {tasks: []ConnectorState{run}, running: true},
		"unassigned":   {tasks: []ConnectorState{{State: "UNASSIGNED"}}},
		"one of two":   {tasks: []ConnectorState{run, {ID: 1, State: "UNASSIGNED"}}},
		"second fails": {tasks: []ConnectorState{run, fail}, failed: true},
	} {
		s := ConnectorStatus{Name: "shop", Connector: run, Tasks: c.tasks}
		if err := s.running(); (err == nil) != c.running {
			t.Errorf("%s: running: %v", name, err)
		}
		if err := s.failure(); (err != nil) != c.failed {
			t.Errorf("%s: failure: %v", name, err)
		} else if err != nil && !strings.Contains(err.Error(), "slot is gone") {
			t.Errorf("%s: failure: %v, want the trace", name, err)
		}
	}
}
