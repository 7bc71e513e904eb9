package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// DeadLetter says that a record of the source cannot be used.
type DeadLetter struct {
	Scope
	Offset        int64
	Field, Reason string
}

// Line implements hooks.Event.
func (e DeadLetter) Line() hooks.Line {
	return hooks.Warn("record sent to the dead letters", e.attrs("offset", e.Offset, "field", e.Field, "reason", e.Reason)...)
}

// DeadLetterSettled says what has become of a dead letter that was to be tried again or dropped.
type DeadLetterSettled struct {
	Scope
	DeadLetter     int64 // its offset among the dead letters
	Result, Reason string
}

// Line implements hooks.Event.
func (e DeadLetterSettled) Line() hooks.Line {
	return hooks.Info("dead letter dealt with", e.attrs("dead_letter", e.DeadLetter, "result", e.Result, "reason", e.Reason)...)
}

// DeadLetterRequestSkipped says that a request about dead letters cannot be read.
type DeadLetterRequestSkipped struct {
	Scope
	Offset int64
	Err    error
}

// Line implements hooks.Event.
func (e DeadLetterRequestSkipped) Line() hooks.Line {
	return hooks.Warn("request about dead letters skipped", e.attrs("offset", e.Offset, "error", e.Err)...)
}

// TableTruncated says that the source empties the table.
type TableTruncated struct {
	Scope
	Offset int64
}

// Line implements hooks.Event.
func (e TableTruncated) Line() hooks.Line {
	return hooks.Info("table truncated by the source", e.attrs("offset", e.Offset)...)
}

// TableTruncatedRepartitioned says the same where records are repartitioned: each partition
// of the topic by keys reports it.
type TableTruncatedRepartitioned struct {
	Scope
	SourcePartition int32
	SourceOffset    int64
}

// Line implements hooks.Event.
func (e TableTruncatedRepartitioned) Line() hooks.Line {
	return hooks.Info("table truncated by the source", e.attrs("source_partition", e.SourcePartition, "source_offset", e.SourceOffset)...)
}

// RowsTruncated says how many rows a truncate has removed.
type RowsTruncated struct {
	Scope
	Rows int
}

// Line implements hooks.Event.
func (e RowsTruncated) Line() hooks.Line {
	return hooks.Info("rows removed by a truncate", e.attrs("rows", e.Rows)...)
}

// ImageNotUsed says that values that another partition has sent cannot be read.
type ImageNotUsed struct {
	Scope
	Offset int64 // of the change that they were for
	Err    error
}

// Line implements hooks.Event.
func (e ImageNotUsed) Line() hooks.Line {
	return hooks.Warn("image of a row of another partition not used", e.attrs("offset", e.Offset, "error", e.Err)...)
}

// RowNotFilled says that values came for a row whose event is gone.
type RowNotFilled struct {
	Scope
	Offset int64
	Err    error
}

// Line implements hooks.Event.
func (e RowNotFilled) Line() hooks.Line {
	return hooks.Warn("row not filled: its event is not there any more", e.attrs("offset", e.Offset, "error", e.Err)...)
}

// RowsUnfilled says how many rows lacked values in the last minute. It is reported once a minute.
type RowsUnfilled struct {
	Scope
	Count  int
	Offset int64 // of the last one
	Result string
}

// Line implements hooks.Event.
func (e RowsUnfilled) Line() hooks.Line {
	return hooks.Warn("rows served without the values of their last key's rows, which no partition had in time",
		e.attrs("count", e.Count, "offset", e.Offset, "result", e.Result)...)
}

// RowNotAnswered says that other partitions have not said whether they have a row's values.
type RowNotAnswered struct {
	Scope
	Offset int64
	Waited time.Duration
	Silent []int32 // those partitions
}

// Line implements hooks.Event.
func (e RowNotAnswered) Line() hooks.Line {
	return hooks.Warn("row served without the values of its last key's row: other partitions have not answered",
		e.attrs("offset", e.Offset, "waited", e.Waited, "silent", e.Silent)...)
}

// QuestionsDeclined says how many questions of other partitions were too many. It is reported once a minute.
type QuestionsDeclined struct {
	Scope
	Count int
}

// Line implements hooks.Event.
func (e QuestionsDeclined) Line() hooks.Line {
	return hooks.Warn("questions for rows under their last key declined at once: too many are open", e.attrs("count", e.Count)...)
}

// SourceEndNotKnown says that questions of other partitions wait for longer.
type SourceEndNotKnown struct {
	Scope
	Err error
}

// Line implements hooks.Event.
func (e SourceEndNotKnown) Line() hooks.Line {
	return hooks.Warn("end of the source not known, it is asked again", e.attrs("error", e.Err)...)
}

// GiveUpNotAsked says that another partition keeps rows that it is behind with, until the next round.
type GiveUpNotAsked struct {
	Scope
	Other int32
	Err   error
}

// Line implements hooks.Event.
func (e GiveUpNotAsked) Line() hooks.Line {
	return hooks.Debug("partition not asked to give up rows", e.attrs("other", e.Other, "error", e.Err)...)
}
