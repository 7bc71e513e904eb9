package events

import "github.com/tidemark/tidemark/hooks"

// StateSetAside says that a local state was renamed and is filled again from the changelog.
type StateSetAside struct {
	Scope
	Dir, To string
	Reason  error
}

// Line implements hooks.Event.
func (e StateSetAside) Line() hooks.Line {
	return hooks.Warn("local state set aside, it is rebuilt from the changelog", e.attrs("dir", e.Dir, "to", e.To, "reason", e.Reason)...)
}

// JournalTorn says that the end of a local state's journal is left out.
type JournalTorn struct {
	Scope
	Journal   string
	At, Bytes int64
}

// Line implements hooks.Event.
func (e JournalTorn) Line() hooks.Line {
	return hooks.Warn("the end of a journal was torn by a crash and is left out: what it held is read from Kafka again",
		e.attrs("journal", e.Journal, "at", e.At, "bytes", e.Bytes)...)
}

// StateNotCompacted says that a local state keeps more on disk than it needs.
type StateNotCompacted struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e StateNotCompacted) Line() hooks.Line {
	return hooks.Warn("merge the state", e.attrs("error", e.Err)...)
}

// ChangelogEndNotSeen says that it is not known whether a recovery is complete.
type ChangelogEndNotSeen struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e ChangelogEndNotSeen) Line() hooks.Line {
	return hooks.Warn("end of the changelog not looked at", e.attrs("error", e.Err)...)
}

// RecoveryCut says that a changelog ends with offsets that hold nothing.
type RecoveryCut struct {
	Scope
	Last, End int64
}

// Line implements hooks.Event.
func (e RecoveryCut) Line() hooks.Line {
	return hooks.Info("the changelog's last records are gone: recovery is complete", e.attrs("last", e.Last, "end", e.End)...)
}

// ChangelogRecreated says that a changelog topic was made again, and its rows with it.
type ChangelogRecreated struct{ Scope }

// Line implements hooks.Event.
func (e ChangelogRecreated) Line() hooks.Line {
	return hooks.Warn("changelog made again: the partition is read from the start of the source", e.attrs()...)
}

// ChangelogHole says that a changelog has not all rows of its partition.
type ChangelogHole struct {
	Scope
	Reason string
}

// Line implements hooks.Event.
func (e ChangelogHole) Line() hooks.Line {
	return hooks.Error("changelog has lost records: the partition is read again from the start of the source", e.attrs("reason", e.Reason)...)
}

// PartitionReadAgain ends what ChangelogHole began.
type PartitionReadAgain struct{ Scope }

// Line implements hooks.Event.
func (e PartitionReadAgain) Line() hooks.Line {
	return hooks.Info("partition has been read again", e.attrs()...)
}

// RowRepaired says that a late record of another writer was followed by the row that counts.
type RowRepaired struct {
	Scope
	Offset int64 // of the source
}

// Line implements hooks.Event.
func (e RowRepaired) Line() hooks.Line {
	return hooks.Warn("row written to the changelog again, behind a late record of a writer that had lost the partition", e.attrs("offset", e.Offset)...)
}

// DeletionRepaired says the same of a deletion.
type DeletionRepaired struct {
	Scope
	Offset int64 // of the source
}

// Line implements hooks.Event.
func (e DeletionRepaired) Line() hooks.Line {
	return hooks.Warn("deletion written to the changelog again, behind a late record of a writer that had lost the partition", e.attrs("offset", e.Offset)...)
}

// DeletionsForgotten says how many deletions no replay can reach any more.
type DeletionsForgotten struct {
	Scope
	Count int
}

// Line implements hooks.Event.
func (e DeletionsForgotten) Line() hooks.Line {
	return hooks.Debug("deletions that were kept long enough forgotten", e.attrs("count", e.Count)...)
}
