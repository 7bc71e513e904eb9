package events

import (
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/tidemark/tidemark/hooks"
)

// SourceGrown says that a source that is repartitioned by key has more partitions.
type SourceGrown struct{ Was, Is int32 }

// Line implements hooks.Event.
func (e SourceGrown) Line() hooks.Line {
	return hooks.Info("source topic has more partitions", "was", e.Was, "is", e.Is)
}

// SourceTaken says that this process repartitions a partition of the source.
type SourceTaken struct {
	SourceScope
	From int64
}

// Line implements hooks.Event.
func (e SourceTaken) Line() hooks.Line {
	return hooks.Info("partition of the source taken over", e.attrs("from", e.From)...)
}

// RepartitioningRestarts says that repartitioning a partition of the source failed.
type RepartitioningRestarts struct {
	SourceScope
	Err   error
	After time.Duration // until it begins again
}

// Line implements hooks.Event.
func (e RepartitioningRestarts) Line() hooks.Line {
	return hooks.Warn("repartitioning by key starts again", e.attrs("error", e.Err, "after", e.After)...)
}

// UncopiedLost says that the source no longer has records that were to be repartitioned.
type UncopiedLost struct {
	SourceScope
	Next, Start int64
}

// Line implements hooks.Event.
func (e UncopiedLost) Line() hooks.Line {
	return hooks.Error("records lost: they were removed before they were read", e.attrs("next", e.Next, "start", e.Start)...)
}

// TransactionEnded says that a transaction that Kafka left open was ended.
type TransactionEnded struct {
	SourceScope
	In     kadm.TopicsList
	Commit bool
}

// Line implements hooks.Event.
func (e TransactionEnded) Line() hooks.Line {
	return hooks.Warn("transaction that the brokers have lost is ended", e.attrs("in", e.In, "commit", e.Commit)...)
}

// TransactionsNotKnown says that the brokers do not report which transactions are open.
type TransactionsNotKnown struct {
	SourceScope
	Err error
}

// Line implements hooks.Event.
func (e TransactionsNotKnown) Line() hooks.Line {
	return hooks.Warn("open transactions are not known: the brokers do not tell", e.attrs("error", e.Err)...)
}
