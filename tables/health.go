package tables

import (
	"cmp"
	"slices"
	"strings"
)

// Reason says why a table is not as it should be. The list is closed: programs and
// alerts are written against it.
type Reason string

// The reasons.
const (
	PartitionRefused Reason = "partition-refused" // a partition is not read: its records are not where the declaration says
	SourceMissing    Reason = "source-missing"    // there is no source topic
	SourceRecreated  Reason = "source-recreated"  // the source topic is not the one that the table was made from
	DeadLetters      Reason = "dead-letters"      // most of the newest records are dead letters
	SourceSilent     Reason = "source-silent"     // nothing has come from the source for longer than its heartbeat
	UnsettledKeys    Reason = "unsettled-keys"    // keys of which it cannot be said what is their newest event
	BatchOverdue     Reason = "batch-overdue"     // the batch that the schedule asks for has not come
	DiskNearlyFull   Reason = "disk-nearly-full"  // of the data directory
	SchemaDrift      Reason = "schema-drift"      // the records' schema is another than the declaration, or than it was
	DefinitionWaits  Reason = "definition-waits"  // the process has another definition than the one that is served, or none yet
	Building         Reason = "building"          // rows are read, or built anew
)

// Reasons lists all reasons, in the order in which they are reported.
func Reasons() []Reason {
	return []Reason{
		PartitionRefused, SourceMissing, SourceRecreated, DeadLetters, SourceSilent, UnsettledKeys,
		BatchOverdue, DiskNearlyFull, SchemaDrift, DefinitionWaits, Building,
	}
}

// HealthState sums up the health of a table.
type HealthState string

// The states.
const (
	HealthOK       HealthState = "ok"
	HealthDegraded HealthState = "degraded" // something is wrong, and the table continues
	HealthStopped  HealthState = "stopped"  // the table takes no changes, or nothing of it could be read
)

// HealthStates lists the states.
func HealthStates() []HealthState {
	return []HealthState{HealthOK, HealthDegraded, HealthStopped}
}

// Trouble is one thing that is wrong with a table.
type Trouble struct {
	Reason Reason
	Text   string // what was seen, and what to do about it: a line for each thing
	Stops  bool   // the table takes no changes
}

// Health is how well a table is. The zero value is a table of which all is well.
type Health struct {
	// Troubles has at most one of each reason, in the order of Reasons.
	Troubles []Trouble
	// Misleads says that reads would show a table that never existed: nothing
	// of the source could be read.
	Misleads bool

	DeadLetters int64 // records that were set aside, and neither retried nor dropped
	Skipped     int64 // records that concern no row
	Unsettled   int64 // keys
}

// Add adds a trouble. Of one reason the first text stays.
func (h *Health) Add(t Trouble) {
	for i := range h.Troubles {
		if h.Troubles[i].Reason == t.Reason {
			h.Troubles[i].Stops = h.Troubles[i].Stops || t.Stops
			return
		}
	}
	h.Troubles = append(h.Troubles, t)
	order := Reasons()
	slices.SortStableFunc(h.Troubles, func(a, b Trouble) int {
		return cmp.Compare(slices.Index(order, a.Reason), slices.Index(order, b.Reason))
	})
}

// Merge adds a trouble that concerns the table, as one of several sources reports it. Of
// one reason each line stays once, whoever reports it.
func (h *Health) Merge(t Trouble) {
	for i := range h.Troubles {
		have := &h.Troubles[i]
		if have.Reason != t.Reason {
			continue
		}
		have.Stops = have.Stops || t.Stops
		lines := strings.Split(have.Text, "\n")
		for line := range strings.SplitSeq(t.Text, "\n") {
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
		have.Text = strings.Join(lines, "\n")
		return
	}
	h.Add(t)
}

// Has reports whether there is a trouble of a reason.
func (h *Health) Has(r Reason) bool {
	return slices.ContainsFunc(h.Troubles, func(t Trouble) bool { return t.Reason == r })
}

// State sums up.
func (h *Health) State() HealthState {
	switch {
	case h.Misleads || slices.ContainsFunc(h.Troubles, func(t Trouble) bool { return t.Stops }):
		return HealthStopped
	case len(h.Troubles) > 0:
		return HealthDegraded
	}
	return HealthOK
}
