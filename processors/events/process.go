package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// TableNotProcessed says that a table cannot be processed as it is. It is tried again.
type TableNotProcessed struct{ Err error }

// Line implements hooks.Event.
func (e TableNotProcessed) Line() hooks.Line {
	return hooks.Error("table not processed", "error", e.Err)
}

// ClientNotClosed says that a connection was not closed well.
type ClientNotClosed struct{ Err error }

// Line implements hooks.Event.
func (e ClientNotClosed) Line() hooks.Line { return hooks.Debug("closing a client", "error", e.Err) }

// TopicNotSeen says that the brokers do not report a topic of the table.
type TopicNotSeen struct{ Err error }

// Line implements hooks.Event.
func (e TopicNotSeen) Line() hooks.Line { return hooks.Warn("topic not seen", "error", e.Err) }

// TopicAcceptsLess says that a topic refuses rows that the table may have.
type TopicAcceptsLess struct {
	Topic            string
	Accepts, Allowed int // bytes of a row
}

// Line implements hooks.Event.
func (e TopicAcceptsLess) Line() hooks.Line {
	return hooks.Warn("topic accepts less than limits.row_bytes: larger rows go to the dead letters",
		"topic", e.Topic, "accepts", e.Accepts, "row_bytes", e.Allowed)
}

// RecordUnreadable says that a record of a table's own topics is left out.
type RecordUnreadable struct {
	Topic  string
	Offset int64
	Err    error
	Known  bool // one of the topic was reported before
}

// Line implements hooks.Event.
func (e RecordUnreadable) Line() hooks.Line {
	const message = "record cannot be read and is left out, as are others of its kind"
	if e.Known {
		return hooks.Debug(message, "topic", e.Topic, "offset", e.Offset, "error", e.Err)
	}
	return hooks.Error(message, "topic", e.Topic, "offset", e.Offset, "error", e.Err)
}

// GroupJoined says that the process has a part in the group.
type GroupJoined struct {
	Member     string
	Generation int32
}

// Line implements hooks.Event.
func (e GroupJoined) Line() hooks.Line {
	return hooks.Info("joined the group", "member", e.Member, "generation", e.Generation)
}

// GroupLeft says that a session in the group has come to an orderly end.
type GroupLeft struct{}

// Line implements hooks.Event.
func (e GroupLeft) Line() hooks.Line { return hooks.Info("left the group") }

// SessionRestarts says that a session in the group failed.
type SessionRestarts struct{ Err error }

// Line implements hooks.Event.
func (e SessionRestarts) Line() hooks.Line {
	return hooks.Warn("session in the group ended, another begins", "error", e.Err)
}

// MembershipLost says that others may own this process's partitions: it writes nothing more.
type MembershipLost struct{ Err error }

// Line implements hooks.Event.
func (e MembershipLost) Line() hooks.Line {
	return hooks.Warn("membership in the group lost", "error", e.Err)
}

// OffsetsNotCommitted says that the offsets of a table could not be committed; that is tried again.
type OffsetsNotCommitted struct {
	Group string
	Err   error
}

// Line implements hooks.Event.
func (e OffsetsNotCommitted) Line() hooks.Line {
	return hooks.Warn("offsets not committed", "group", e.Group, "error", e.Err)
}

// TableWaits says why the partitions of a table are not asked for yet.
type TableWaits struct{ Err error }

// Line implements hooks.Event.
func (e TableWaits) Line() hooks.Line {
	return hooks.Warn("partitions of the table not asked for yet", "error", e.Err)
}

// StartNotKnown says that it is not known where a partition is to be gone on with.
type StartNotKnown struct {
	Scope
	Err   error
	After time.Duration // until it is asked again
}

// Line implements hooks.Event.
func (e StartNotKnown) Line() hooks.Line {
	return hooks.Warn("start of the partition not known, it is asked again", e.attrs("error", e.Err, "after", e.After)...)
}

// MemberEvicted says that another process was seen to be dead, and its partitions are free.
type MemberEvicted struct{ Member, Address, Reason string }

// Line implements hooks.Event.
func (e MemberEvicted) Line() hooks.Line {
	return hooks.Info("dead member evicted", "member", e.Member, "address", e.Address, "reason", e.Reason)
}

// MemberNotEvicted says that a dead process keeps its partitions until its session is over.
type MemberNotEvicted struct {
	Member string
	Err    error
}

// Line implements hooks.Event.
func (e MemberNotEvicted) Line() hooks.Line {
	return hooks.Warn("dead member not evicted", "member", e.Member, "error", e.Err)
}

// PeersNotSeen says that it is not known which other processes there are.
type PeersNotSeen struct{ Err error }

// Line implements hooks.Event.
func (e PeersNotSeen) Line() hooks.Line { return hooks.Debug("group not described", "error", e.Err) }

// PeerNotAccepted says that another process cannot watch this one for now.
type PeerNotAccepted struct{ Err error }

// Line implements hooks.Event.
func (e PeerNotAccepted) Line() hooks.Line {
	return hooks.Debug("connection of a peer not accepted", "error", e.Err)
}
