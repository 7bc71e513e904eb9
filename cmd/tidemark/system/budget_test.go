package system

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/tables"
)

func TestBudgetIsOfWhatThereIs(t *testing.T) {
	const gib = 1 << 30
	for name, c := range map[string]struct {
		tables int
		limits config.Limits
		m      machine
		memory int64
		files  int
		refuse string
	}{
		"a machine":              {1, config.Limits{}, machine{memory: 100 * gib, files: 20_000}, 75 * gib, 1024, ""},
		"a container":            {1, config.Limits{}, machine{memory: 100 * gib, container: 10 * gib, files: 20_000}, 9 * gib, 1024, ""},
		"a container of no size": {1, config.Limits{}, machine{memory: 10 * gib, container: 100 * gib, files: 20_000}, 10 * gib / 100 * 75, 1024, ""},
		"nothing known":          {1, config.Limits{}, machine{}, unknownMemory, 1024, ""},
		"declared":               {1, config.Limits{Memory: 2 * gib, OpenFiles: 100}, machine{memory: 4 * gib, files: 1000}, 2 * gib, 100, ""},
		"too much":               {1, config.Limits{Memory: 5 * gib}, machine{memory: 4 * gib, files: 1000}, 0, 0, "limits.memory is 5120 MiB, and this machine has 4096 MiB"},
		"too much for a container": {1, config.Limits{Memory: 5 * gib}, machine{memory: 64 * gib, container: 4 * gib, files: 1000}, 0, 0,
			"limits.memory is 5120 MiB, and this container may take 4096 MiB"},
		"few files":          {1, config.Limits{}, machine{memory: 4 * gib, files: 330}, 3 * gib, 100, ""},
		"too few for tables": {200, config.Limits{}, machine{memory: 4 * gib, files: 256}, 0, 0, "200 tables need about 592 open files"},
		"more than there may be": {1, config.Limits{OpenFiles: 1000}, machine{memory: 4 * gib, files: 1024}, 0, 0,
			"(1000 of databases: limits.open_files; 130 of connections and of tables), and this process may have 1024: raise that with `ulimit -n 2260`"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := planBudget(&config.Config{Limits: c.limits, Tables: make([]*tables.Table, c.tables)}, c.m)
			if c.refuse != "" {
				if err == nil || !strings.Contains(err.Error(), c.refuse) {
					t.Errorf("%v, want %q", err, c.refuse)
				}
				return
			}
			if err != nil || b.Files != c.files || max(b.Memory-c.memory, c.memory-b.Memory) > 100 {
				t.Errorf("%d bytes and %d files, %v; want %d and %d", b.Memory, b.Files, err, c.memory, c.files)
			}
		})
	}
}

// TestThisMachineCanRunATable asks the machine that the test runs on.
func TestThisMachineCanRunATable(t *testing.T) {
	b, err := PlanBudget(&config.Config{Tables: make([]*tables.Table, 1), Roles: config.Roles{Processor: true, View: true}})
	if err != nil || b.Memory < 128<<20 || b.Files < leastDatabaseFiles {
		t.Errorf("%+v, %v", b, err)
	}
	if b.databases() == nil {
		t.Error("databases share nothing")
	}
}

func TestHeapIsLimitedUnlessTheEnvironmentSaysOtherwise(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	b := Budget{Memory: 7 << 30}
	b.limitHeap(func(string) (string, bool) { return "1GiB", true })
	if debug.SetMemoryLimit(-1) != before {
		t.Error("GOMEMLIMIT does not count")
	}
	b.limitHeap(func(string) (string, bool) { return "", false })
	if debug.SetMemoryLimit(-1) != b.Memory {
		t.Error("the budget does not count")
	}
}
