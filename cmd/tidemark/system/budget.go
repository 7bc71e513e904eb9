package system

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/localdb"
)

// The parts of what there is that a process takes by default. A container is the process's own. On a machine
// others run beside it, the page cache of its own files among them.
const (
	containerPercent = 90
	machinePercent   = 75
	unknownMemory    = 4 << 30
	// databaseFiles is how many files all databases have open at a time, by default at most: more makes nothing faster.
	databaseFiles      = 1024
	leastDatabaseFiles = 64
	// otherFiles are connections to brokers and to readers, and a table's merges.
	otherFiles      = 128
	filesOfATable   = 2
	usualPartitions = 4 // where databases are counted before partitions are known
)

// Budget is what a process may take of its machine.
type Budget struct {
	Memory int64 // bytes
	Files  int   // that all databases have open at a time
	Tables int
	roles  config.Roles
}

// machine is what there is; 0 is not known.
type machine struct {
	memory, container int64 // bytes of the machine, and of the container if that is limited
	files             int   // descriptors of the process
}

// PlanBudget returns what the process of a configuration takes, or what does not fit into this machine.
func PlanBudget(c *config.Config) (Budget, error) { return planBudget(c, thisMachine()) }

func planBudget(c *config.Config, m machine) (Budget, error) {
	b := Budget{Memory: c.Limits.Memory, Files: c.Limits.OpenFiles, Tables: len(c.Tables), roles: c.Roles}
	what, most := "this machine has", m.memory
	if m.container > 0 && (m.memory == 0 || m.container < m.memory) {
		what, most = "this container may take", m.container
	}
	switch {
	case b.Memory == 0 && most == 0:
		b.Memory = unknownMemory
	case b.Memory == 0 && most == m.container:
		b.Memory = most / 100 * containerPercent
	case b.Memory == 0:
		b.Memory = most / 100 * machinePercent
	case most > 0 && b.Memory > most:
		return b, fmt.Errorf("limits.memory is %d MiB, and %s %d MiB: lower it, or give it more", b.Memory>>20, what, most>>20)
	}
	if m.files == 0 {
		m.files = math.MaxInt32
	}
	other := otherFiles + filesOfATable*b.Tables
	if b.Files == 0 {
		b.Files = min(databaseFiles, max(leastDatabaseFiles, (m.files-other)/2))
	}
	if need := b.Files + other; need > m.files {
		return b, fmt.Errorf("%d tables need about %d open files (%d of databases: limits.open_files; %d of connections and of tables), and this process may have %d: "+
			"raise that with `ulimit -n %d`, LimitNOFILE= of its systemd unit or --ulimit nofile= of its container", b.Tables, need, b.Files, other, m.files, 2*need)
	}
	return b, nil
}

// databases returns what the databases of the process share.
func (b Budget) databases() *localdb.Shared {
	each := 0
	if b.roles.Processor {
		each += usualPartitions
	}
	if b.roles.View {
		each++
	}
	return localdb.NewShared(localdb.Limits{Memory: b.Memory, Files: b.Files, Databases: each * b.Tables})
}

// limitHeap has the collector work harder near the limit, unless the environment has set another one.
func (b Budget) limitHeap(environment func(string) (string, bool)) {
	if _, set := environment("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(b.Memory)
	}
}
