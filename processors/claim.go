package processors

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/group"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/lease"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/processors/progress"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// claim is a partition from when the group gives it to this process until it takes
// it back. It supervises the runs and keeps what they hand on to each other.
type claim struct {
	*shared
	assignment *group.Assignment // the partition as the group knows it; the group learns what is done from it
	writer     *lease.Producer   // of the assignment
	partition  int32
	queue      *pending.Queue
	rules      fold.Rules
	events     *events.Listener
	logger     *slog.Logger // of libraries

	intake *intake.Intake
	drift  *driftwatch.Watch
	feeder *feed.Feeder

	boot *bootstrap.Partition // whether the partition is to be filled from an older generation

	health   *health.Tracker
	mistrust mistrust // of batches
	refill   refill   // of a changelog that is not whole
	progress *progress.Reporter
}

func newClaim(s *shared, a *group.Assignment, start int64) (*claim, error) {
	decoder, err := s.opts.NewDecoder()
	if err != nil {
		return nil, err
	}
	where, err := filter.Compile(s.opts.Table)
	if err != nil {
		return nil, err
	}
	table := s.opts.Table
	c := &claim{
		shared: s, assignment: a, writer: a.Producer, partition: a.Partition,
		events: s.events.In(a.Partition), logger: s.logger.With("partition", a.Partition),
		rules:  fold.Rules{Where: where, Merge: extract.DocumentMerger(table)},
		health: health.New(),
	}
	c.mistrust = mistrust{doubts: s.doubts, clock: c.opts.Clock}
	c.refill = refill{health: c.health, events: c.events}
	c.queue = pending.New(max(start, 0), c.opts.MaxPending, c.opts.MaxPendingBytes, &c.health.Source)
	c.progress = c.newProgress(start)
	c.boot = c.newBootstrap()
	c.intake = intake.New(intake.Options{
		Table: table, Topic: s.sourceTopic, Partition: a.Partition, Partitions: s.partitions, Repartitioned: s.repartitioner != nil,
		Decoder: decoder, Skipped: s.metrics.skipped,
	})
	c.drift = s.drifts.Watch(driftwatch.Options{
		Partition: a.Partition, Table: table, Schemas: s.opts.Schemas, Repartitioned: s.repartitioner != nil, Replaying: c.boot.Replaying,
		Health: c.health, Events: c.events,
	})
	c.feeder = c.newFeeder(start >= 0)
	return c, nil
}

// newFeeder makes what reads the partition's topics.
func (c *claim) newFeeder(committed bool) *feed.Feeder {
	return feed.New(feed.Options{
		Source:  kafka.Topic{Name: c.sourceTopic, Partitions: c.partitions, ID: c.sourceID},
		Control: c.names.Batch, Partition: c.partition, Committed: committed,
		Consumer: c.data, Span: c.span, Admin: c.admin, Queue: c.queue, Intake: c.intake, Drift: c.drift, Health: c.health,
		ImageWait: c.opts.ImageWait, Waits: func(err error) { c.status.waiting(c.partition, err) }, Lost: c.noteLost,
		Clock: c.opts.Clock, Events: c.events, Metrics: c.metrics.reading,
	})
}

// noteLost reports records that were removed before they were read.
func (c *claim) noteLost(next, start int64) {
	lost := &LostRecordsError{Topic: c.sourceTopic, Partition: c.partition, Next: next, Start: start}
	c.events.RecordsLost(events.RecordsLost{Count: start - next, Err: lost})
	c.status.lost(c.partition, lost)
}

// refuse leaves the partition as it is until the claim is over, and goes on reporting
// that to views: what cannot be cured by trying again waits for somebody to change the configuration.
func (c *claim) refuse(ctx context.Context, err error) {
	var misplaced *intake.PartitionerError
	if errors.As(err, &misplaced) {
		misplaced.SeekCure(ctx, c.admin, c.partitions)
	}
	c.status.failed(c.partition, err)
	c.events.PartitionRefused(events.PartitionRefused{Err: err})
	c.health.Tell(tables.Trouble{Reason: tables.PartitionRefused, Text: err.Error(), Stops: true})
	tick := time.NewTicker(progress.LifeSign)
	defer tick.Stop()
	for {
		c.progress.Repeat()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// newProgress returns what reports how far the partition is. The owner of partition 0 speaks for the table as a whole, too.
func (c *claim) newProgress(start int64) *progress.Reporter {
	o := progress.Options{
		Topic: c.names.Progress, Partition: c.partition, SourceID: c.sourceID, ChangelogID: c.changelogID, From: start,
		Queue: c.queue, Group: c.assignment, Producer: c.writer, Health: c.health,
		Reached: func(source, changelog int64) { c.status.reached(c.partition, source, changelog) },
		Healthy: func(h wire.Health) { c.status.healthy(c.partition, h) },
		Clock:   c.opts.Clock, Events: c.events,
	}
	if c.partition == 0 {
		o.Table = c.table
	}
	return progress.New(o)
}

// supervise runs the partition until the context is over. It never returns before:
// that would end the whole session, with all its partitions.
func (c *claim) supervise(ctx context.Context) {
	defer c.feeder.Close()
	topic := health.Topic{Client: c.admin, Name: c.names.Progress, Changelog: c.changelogID, Events: c.events}
	stop := c.recall.Continue(ctx, topic, c.partition, c.health)
	defer stop()
	pauses := retry.Supervised()
	for ctx.Err() == nil {
		began := time.Now()
		err := c.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if refusal(err) {
			c.refuse(ctx, err)
			return
		}
		c.status.failed(c.partition, err)
		pause := pauses.Failed(time.Since(began))
		c.events.RunRestarts(events.RunRestarts{Err: err, After: pause})
		_ = retry.Pause(ctx, pause)
	}
}

func (c *claim) stateOptions() state.Options {
	return state.Options{
		Dir:      filepath.Join(c.opts.Dir, strconv.Itoa(int(c.partition)), stateDir),
		Identity: state.Identity{Source: c.sourceID, Changelog: c.changelogID},
		MaxAge:   c.opts.StateMaxAge, KeepDeletions: c.opts.KeepDeletions, Databases: c.opts.Databases, WriteBuffer: c.opts.WriteBuffer, Uncompressed: c.opts.Uncompressed,
		Clock: c.opts.Clock, Events: c.events,
	}
}

// stateDir is the name of a partition's state below its directory.
const stateDir = "state"

// noteStreamed takes over what the rows say.
func (c *claim) noteStreamed(s *state.Store) {
	c.intake.NoteRows(s)
	if p, _ := s.Streamed(); p.Known() {
		c.queue.NoteSeen(p)
	}
}

// several reports whether a key can have rows and deletions in more than one partition.
func (c *claim) several() bool { return c.partitions > 1 && !c.opts.Table.Repartitioned() }
