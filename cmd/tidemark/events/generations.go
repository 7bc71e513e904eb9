package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// DefinitionChanged says that this process has a definition of the table that nobody had before.
type DefinitionChanged struct{ Changes string }

// Line implements hooks.Event.
func (e DefinitionChanged) Line() hooks.Line {
	return hooks.Info("the table's definition has changed", "changes", e.Changes)
}

// DefinitionOther says that the table is served by a definition of another process.
type DefinitionOther struct{ Note string }

// Line implements hooks.Event.
func (e DefinitionOther) Line() hooks.Line {
	return hooks.Warn("table is served by another definition than this process has", "note", e.Note)
}

// ColumnsTaken says that the table gets columns because the schema of the records tells them.
type ColumnsTaken struct{ Columns []string } // each with its type

// Line implements hooks.Event.
func (e ColumnsTaken) Line() hooks.Line {
	return hooks.Info("columns are taken from the schema of the records", "columns", e.Columns)
}

// ColumnsAwaited says that the table's definition lacks columns which the schema of the records has
// not told.
type ColumnsAwaited struct{ Note string }

// Line implements hooks.Event.
func (e ColumnsAwaited) Line() hooks.Line {
	return hooks.Warn("table waits for columns that the schema of the records is to tell", "note", e.Note)
}

// ReplayAsked says that somebody wants the table to be made again.
type ReplayAsked struct {
	Generation int    // that will be built
	Rows       string // what becomes of the rows that there are
	Time       time.Time
	Offsets    string
}

// Line implements hooks.Event.
func (e ReplayAsked) Line() hooks.Line {
	return hooks.Info("replay was asked for", "generation", e.Generation, "rows", e.Rows, "time", e.Time, "offsets", e.Offsets)
}

// GenerationBegun says that a generation runs in this process.
type GenerationBegun struct {
	Generation int
	Build      bool // it is not what readers see yet
}

// Line implements hooks.Event.
func (e GenerationBegun) Line() hooks.Line {
	return hooks.Info("generation begins", "generation", e.Generation, "build", e.Build)
}

// GenerationComplete says that a build shows no less than what readers see.
type GenerationComplete struct {
	Generation              int
	Rows                    int64
	Carried, Adopted, Swept int64
	Took                    time.Duration
}

// Line implements hooks.Event.
func (e GenerationComplete) Line() hooks.Line {
	return hooks.Info("generation is complete", "generation", e.Generation, "rows", e.Rows,
		"carried", e.Carried, "adopted", e.Adopted, "swept", e.Swept, "took", e.Took)
}

// GenerationGivenUp says that a build cannot go on.
type GenerationGivenUp struct {
	Generation int
	Reason     string
}

// Line implements hooks.Event.
func (e GenerationGivenUp) Line() hooks.Line {
	return hooks.Error("generation is given up", "generation", e.Generation, "reason", e.Reason)
}

// GenerationShown says that readers see another generation from now on.
type GenerationShown struct {
	Generation, Before int
	Rows               int64
}

// Line implements hooks.Event.
func (e GenerationShown) Line() hooks.Line {
	return hooks.Info("readers see another generation", "generation", e.Generation, "before", e.Before, "rows", e.Rows)
}

// GenerationEnded says that nothing of a generation runs in this process any more.
type GenerationEnded struct{ Generation int }

// Line implements hooks.Event.
func (e GenerationEnded) Line() hooks.Line {
	return hooks.Info("generation ended", "generation", e.Generation)
}

// TopicsDeleted says that no process uses a generation any more, and its topics are gone.
type TopicsDeleted struct{ Generation int }

// Line implements hooks.Event.
func (e TopicsDeleted) Line() hooks.Line {
	return hooks.Info("topics of an old generation are deleted", "generation", e.Generation)
}

// FilesRemoved says that a generation's files of this process are gone.
type FilesRemoved struct {
	Generation int
	Path       string
}

// Line implements hooks.Event.
func (e FilesRemoved) Line() hooks.Line {
	return hooks.Info("files of an old generation are removed", "generation", e.Generation, "path", e.Path)
}

// KeysCountedTwice says that the numbers of a build may count a key in several partitions.
type KeysCountedTwice struct{ Err error } // why they could not be counted once

// Line implements hooks.Event.
func (e KeysCountedTwice) Line() hooks.Line {
	return hooks.Warn("keys in several partitions are counted by each of them", "error", e.Err)
}

// StepNotTaken says what keeps a step from being taken. It is reported once.
type StepNotTaken struct{ Err error }

// Line implements hooks.Event.
func (e StepNotTaken) Line() hooks.Line {
	return hooks.Warn("step of the table's generations not taken; it is tried again", "error", e.Err)
}

// RecordNotFollowed says that the record of a table's generations cannot be read for now.
type RecordNotFollowed struct {
	Topic string
	Err   error
}

// Line implements hooks.Event.
func (e RecordNotFollowed) Line() hooks.Line {
	return hooks.Warn("record of generations cannot be followed", "topic", e.Topic, "error", e.Err)
}

// RecordNotUsed says that something in the record of a table's generations is passed over.
type RecordNotUsed struct {
	Offset int64
	Err    error
}

// Line implements hooks.Event.
func (e RecordNotUsed) Line() hooks.Line {
	return hooks.Error("record of generations cannot be used", "offset", e.Offset, "error", e.Err)
}

// RecordNotPruned says that the record of a table's generations keeps more than it needs to.
// The next step removes it.
type RecordNotPruned struct{ Err error }

// Line implements hooks.Event.
func (e RecordNotPruned) Line() hooks.Line {
	return hooks.Debug("old records of generations not removed", "error", e.Err)
}
