package events

import "github.com/tidemark/tidemark/hooks"

// ViewRestarts says that a view cannot continue as it is, and looks at its topics anew.
type ViewRestarts struct{ Err error }

// Line implements hooks.Event.
func (e ViewRestarts) Line() hooks.Line {
	return hooks.Warn("view cannot continue as it is and starts again", "error", e.Err)
}

// EndsReached says that a view has come to where its topics ended when it began.
type EndsReached struct {
	From string // what its first rows came from
	Rows int64
}

// Line implements hooks.Event.
func (e EndsReached) Line() hooks.Line {
	return hooks.Info("view has reached the ends of its topics", "from", e.From, "rows", e.Rows)
}

// RowsRebuilt says that the rows are built again, beside those that readers see.
type RowsRebuilt struct {
	Reason string // a constant word, for the metric
	Batch  uint64 // that led to it
	Err    error
}

// Line implements hooks.Event.
func (e RowsRebuilt) Line() hooks.Line {
	return hooks.Error("rows are built again", "reason", e.Reason, "batch", e.Batch, "error", e.Err)
}

// RowsSetAside says that the rows on disk were renamed and are not used.
type RowsSetAside struct {
	Path string
	Err  error // why
}

// Line implements hooks.Event.
func (e RowsSetAside) Line() hooks.Line {
	return hooks.Error("rows on disk cannot be used and are set aside", "path", e.Path, "error", e.Err)
}

// RowsNotClosed says that rows on disk could not be closed. The next start proves them.
type RowsNotClosed struct {
	Old bool // they were replaced
	Err error
}

// Line implements hooks.Event.
func (e RowsNotClosed) Line() hooks.Line {
	if e.Old {
		return hooks.Warn("old rows were not closed well", "error", e.Err)
	}
	return hooks.Warn("rows were not closed well", "error", e.Err)
}

// JournalTorn says that the end of a journal of the rows on disk is left out.
type JournalTorn struct {
	Journal   string
	At, Bytes int64
}

// Line implements hooks.Event.
func (e JournalTorn) Line() hooks.Line {
	return hooks.Warn("the end of a journal was torn by a crash and is left out: what it held is read from Kafka again",
		"journal", e.Journal, "at", e.At, "bytes", e.Bytes)
}

// RowsNotTouched says that it could not be noted that the rows on disk are current.
type RowsNotTouched struct{ Err error }

// Line implements hooks.Event.
func (e RowsNotTouched) Line() hooks.Line {
	return hooks.Warn("clock of the rows on disk could not be set", "error", e.Err)
}

// RowsHeldBack says that readers are kept at the rows that they see.
type RowsHeldBack struct {
	Partition int32
	Offset    int64  // of the changelog, where the rows cease to be whole
	From      string // position of the source
}

// Line implements hooks.Event.
func (e RowsHeldBack) Line() hooks.Line {
	return hooks.Info("rows are held back until they are whole again", "partition", e.Partition, "offset", e.Offset, "from", e.From)
}

// RowsShown says that readers see the newest rows again.
type RowsShown struct{ Position string } // of the source

// Line implements hooks.Event.
func (e RowsShown) Line() hooks.Line {
	return hooks.Info("rows are whole again and are shown", "position", e.Position)
}

// KeyDuplicated says that a key is in two partitions.
type KeyDuplicated struct {
	Partition int32 // of the record that showed it
	Offset    int64
}

// Line implements hooks.Event.
func (e KeyDuplicated) Line() hooks.Line {
	return hooks.Warn("key lives in two partitions: the source wrote its bytes in two ways, or routes its events by something else; the later row is served",
		"partition", e.Partition, "offset", e.Offset)
}

// DuplicatesNotNamed says that processors could not be notified which keys are in several partitions.
type DuplicatesNotNamed struct{ Err error }

// Line implements hooks.Event.
func (e DuplicatesNotNamed) Line() hooks.Line {
	return hooks.Warn("keys in several partitions could not be looked at", "error", e.Err)
}

// TombstonesNotPruned says that marks of deletions are kept for longer than they are needed.
type TombstonesNotPruned struct{ Err error }

// Line implements hooks.Event.
func (e TombstonesNotPruned) Line() hooks.Line {
	return hooks.Warn("marks of deletions could not be removed", "error", e.Err)
}
