package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
	"github.com/tidemark/tidemark/tables"
)

// PartitionTaken says that this process owns a partition.
type PartitionTaken struct {
	Scope
	From       int64  // offset of the source
	Generation uint32 // of the group
}

// Line implements hooks.Event.
func (e PartitionTaken) Line() hooks.Line {
	return hooks.Info("partition taken over", e.attrs("from", e.From, "generation", e.Generation)...)
}

// PartitionGivenBack says that this process owns a partition no longer.
type PartitionGivenBack struct {
	Scope
	At int64 // everything before this offset of the source is done
}

// Line implements hooks.Event.
func (e PartitionGivenBack) Line() hooks.Line {
	return hooks.Info("partition given back", e.attrs("at", e.At)...)
}

// PartitionNotGivenBack says that the work on a partition did not end in time. It writes nothing more, and another
// process may own the partition.
type PartitionNotGivenBack struct {
	Scope
	After time.Duration
}

// Line implements hooks.Event.
func (e PartitionNotGivenBack) Line() hooks.Line {
	return hooks.Error("work on a partition did not end in time, it is taken from it", e.attrs("after", e.After)...)
}

// PartitionNotProcessed says that a partition that this process owns cannot be begun with.
type PartitionNotProcessed struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e PartitionNotProcessed) Line() hooks.Line {
	return hooks.Error("partition not processed", e.attrs("error", e.Err)...)
}

// PartitionRefused says that a partition waits for somebody to change the configuration.
type PartitionRefused struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e PartitionRefused) Line() hooks.Line {
	return hooks.Error("partition refused", e.attrs("error", e.Err)...)
}

// RunRestarts says that the run of a partition failed.
type RunRestarts struct {
	Scope
	Err   error
	After time.Duration // until the next one
}

// Line implements hooks.Event.
func (e RunRestarts) Line() hooks.Line {
	return hooks.Warn("run ended, another begins", e.attrs("error", e.Err, "after", e.After)...)
}

// PartitionWaits says that a record of the source needs something that is away.
type PartitionWaits struct {
	Scope
	Offset int64
	Err    error
}

// Line implements hooks.Event.
func (e PartitionWaits) Line() hooks.Line {
	return hooks.Warn("partition waits", e.attrs("offset", e.Offset, "error", e.Err)...)
}

// PartitionGoesOn says that it is there.
type PartitionGoesOn struct {
	Scope
	Offset int64
	Waited time.Duration
}

// Line implements hooks.Event.
func (e PartitionGoesOn) Line() hooks.Line {
	return hooks.Info("partition goes on", e.attrs("offset", e.Offset, "waited", e.Waited)...)
}

// RecordsLost says that the source no longer has records that were to be read.
type RecordsLost struct {
	Scope
	Count int64
	Err   error // names them
}

// Line implements hooks.Event.
func (e RecordsLost) Line() hooks.Line {
	return hooks.Error("records lost", e.attrs("error", e.Err)...)
}

// SourceError says that a fetch failed. It is made again.
type SourceError struct {
	Scope
	What string // was being done
	Err  error
}

// Line implements hooks.Event.
func (e SourceError) Line() hooks.Line { return hooks.Warn(e.What, e.attrs("error", e.Err)...) }

// SchemaFound says that the source's records have another schema than was declared, or than before.
type SchemaFound struct {
	Scope
	Offset      int64
	Kind, Found string
}

// Line implements hooks.Event.
func (e SchemaFound) Line() hooks.Line {
	return hooks.Warn("schema of the source's records", e.attrs("offset", e.Offset, "kind", e.Kind, "found", e.Found)...)
}

// ColumnsTold says that the records' schema tells columns that a table has not which takes its columns from there.
type ColumnsTold struct {
	Scope
	Columns []tables.Column
}

// Line implements hooks.Event.
func (e ColumnsTold) Line() hooks.Line {
	names := make([]string, len(e.Columns))
	for i := range e.Columns {
		names[i] = e.Columns[i].Name
	}
	return hooks.Debug("the records' schema tells columns that the table has not", e.attrs("columns", names)...)
}

// ProgressNotWritten says that the record of how far a partition is was not written for views. The next record has it.
type ProgressNotWritten struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e ProgressNotWritten) Line() hooks.Line {
	return hooks.Debug("progress not written", e.attrs("error", e.Err)...)
}

// HealthNotRead says that the health of a partition, as reported before, could not be read yet.
type HealthNotRead struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e HealthNotRead) Line() hooks.Line {
	return hooks.Debug("health of the partition not read; it is tried again", e.attrs("error", e.Err)...)
}
