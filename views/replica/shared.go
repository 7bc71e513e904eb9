package replica

import (
	"context"
	"log/slog"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/topics"
)

// Shared is what the replicas of a view have in common.
type Shared struct {
	Table        *tables.Table
	Kafka        kafka.Settings
	Pool         *logread.Pool // of clients; nil: one of the changelog's reader
	Names        kafka.Names
	Events       *events.Listener
	StoreOptions StoreOptions
	Log          *slog.Logger // of libraries
	Clock        func() time.Time
	Fingerprint  uint32 // of the table's columns
	CompactAfter int    // changes that a store keeps apart from its base
	// Disputed, if given, is notified of a batch that the changelog differs from.
	Disputed func(batch uint64)
	// Outrun, if given, is notified of rows that their partitions are to give up, in rounds.
	Outrun      func([]wire.DuplicateKey)
	OutrunEvery time.Duration

	Counters    *metrics.Counters
	Manifests   *batches.Manifests
	Disputes    *batches.Disputes
	Generations rows.Generations // of rows on disk
	OtherSchema *OtherSchema
	Ends        *progress.Ends
	SourceMap   *progress.SourceMap
	Logs        *progress.Logs
	// Unreadable is notified of records that are left out.
	Unreadable func(events.RecordUnreadable)
	Gate       Gate
	View       View
}

// View is what a replica asks of the view that it belongs to.
type View interface {
	// Sees reports whether readers see a replica.
	Sees(s *Replica) bool
	// Ready reports whether what they see is up to date.
	Ready() bool
	// Poll asks for the ends of topics out of turn.
	Poll()
	// File has a batch written that a replica has sealed, once readers see that.
	File(s *Replica, f batches.Filing)
	// Attach lets a replica have progress and ends of topics, until it is detached.
	Attach(s *Replica, f *Feed, r *changelog.Reader) (detach func())
	// Deliverable reports whether a partition of a topic has something left to deliver
	// between two offsets.
	Deliverable(ctx context.Context, topic string, partition int32, from, end int64) (bool, error)
}

// Several reports whether keys can be in several partitions: not where records are repartitioned by
// their keys, and not where there is one partition.
func (o *Shared) Several(env topics.Set) bool {
	return env.Changelog.Partitions > 1 && !o.Table.Repartitioned()
}

// ToSource returns the position of the source that rows at a position of what processors
// read reflect.
func (o *Shared) ToSource(inner tables.Position) tables.Position {
	return o.Ends.Raise(o.SourceMap.ToSource(inner))
}

// RowsOptions are of a generation of rows on disk.
func (o *Shared) RowsOptions(number uint64, env topics.Set) rows.Options {
	return rows.Options{
		Dir: o.Generations.Path(number), Identity: o.identity(env), MaxAge: MaxAge, Clock: o.Clock, Torn: o.torn, Databases: o.Generations.Databases,
	}
}

// torn reports that the end of a journal of the rows on disk is left out.
func (o *Shared) torn(t localdb.TornJournal) {
	o.Events.JournalTorn(events.JournalTorn{Journal: t.Journal, At: t.At, Bytes: t.Bytes})
}

// identity is whose the rows on disk are.
func (o *Shared) identity(env topics.Set) rows.Identity {
	return rows.Identity{Changelog: env.Changelog.ID, Source: env.Source.ID, Partitions: env.Changelog.Partitions, Fingerprint: o.Fingerprint}
}

// dispute takes note of a batch that the changelog differs from.
func (o *Shared) dispute(b batches.Batch, err error) {
	o.Events.BatchDisputed(events.BatchDisputed{Batch: b.ID, Err: err})
	o.Disputes.Add(b.ID, err)
	if o.Disputed != nil {
		o.Disputed(b.ID)
	}
}

// Gate is passed by whatever changes what readers see; who holds it keeps that as
// it is.
type Gate chan struct{}

// NewGate returns a gate that nobody has passed.
func NewGate() Gate { return make(Gate, 1) }

// Enter waits for the gate, until the context ends.
func (g Gate) Enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	default:
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Leave ends what Enter began.
func (g Gate) Leave() { <-g }
