package events

import "github.com/tidemark/tidemark/hooks"

// PartitionFilled says that a partition of a new generation is like any other.
type PartitionFilled struct {
	Scope
	Rows                    string // what was done with the older rows
	Carried, Adopted, Swept int64
	Source                  int64 // offset that it goes on from
}

// Line implements hooks.Event.
func (e PartitionFilled) Line() hooks.Line {
	return hooks.Info("partition filled", e.attrs("rows", e.Rows, "carried", e.Carried, "adopted", e.Adopted, "swept", e.Swept, "source", e.Source)...)
}

// DeadLettersKept says how many dead letters of the previous generation are in the new one.
type DeadLettersKept struct {
	Scope
	Count int
}

// Line implements hooks.Event.
func (e DeadLettersKept) Line() hooks.Line {
	return hooks.Info("dead letters of the older generation taken along", e.attrs("count", e.Count)...)
}

// FillingNotReported says that the record of how far a filling is was not written for views. The next record has it.
type FillingNotReported struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e FillingNotReported) Line() hooks.Line {
	return hooks.Debug("seed record not written", e.attrs("error", e.Err)...)
}

// FillingNotSeen says that it is not known whether all partitions are filled: no batch is begun.
type FillingNotSeen struct{ Err error }

// Line implements hooks.Event.
func (e FillingNotSeen) Line() hooks.Line {
	return hooks.Warn("filling of the table not looked at", "error", e.Err)
}

// ReplayEndNotFound says that it is not known up to where the source is to be read again.
type ReplayEndNotFound struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e ReplayEndNotFound) Line() hooks.Line {
	return hooks.Warn("end of the replay not found", e.attrs("error", e.Err)...)
}

// ReplayEndNotSeen says that it is not known whether a replay has anything more to read.
type ReplayEndNotSeen struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e ReplayEndNotSeen) Line() hooks.Line {
	return hooks.Warn("end of the source not looked at", e.attrs("error", e.Err)...)
}
