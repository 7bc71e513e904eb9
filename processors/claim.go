package processors

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/group"
	"github.com/tidemark/tidemark/processors/lease"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// claim is a partition from when the group gives it to this process until it takes
// it back. It supervises the runs and keeps what they hand on to each other.
type claim struct {
	*shared
	assignment *group.Assignment // what the group knows of the partition, and is told of it
	writer     *lease.Producer   // of the assignment
	partition  int32
	queue      *pending
	decoder    cdc.Decoder
	rules      fold.Rules
	committed  bool // the group had an offset for the partition
	logger     *slog.Logger

	source        sarama.PartitionConsumer // the source partition, read by one run after the other
	controlSource sarama.PartitionConsumer
	controls      *pending
	controlEnd    int64 // of the control topic when it was opened

	asked   bool     // whether the partition is to be filled from an older generation
	filling *filling // nil when it is not, or no longer

	firstEnd int64 // of the source when it was first looked at, 0 until then; the feeder only
	health   *health
	newest   newest    // records that are still to be looked at for another schema; the feeder only
	whole    uint64    // the batch in doubt after which one is written as a whole
	doubted  uint64    // the batch for whose sake the state was last set aside
	refilled time.Time // when that was
	hole     string    // what the changelog has lost, until the source is read again for it

	progress progressMark
	seen     tables.SourcePosition // the highest position of the source's log that was read; the feeder only
	seenTime int64                 // the latest time of an event with a position; the feeder only
	mixed    bool                  // positions of several epochs were seen, so none is above all others; the feeder only
	latest   int64                 // the latest time of any event; the feeder only
	marked   int64
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
		shared: s, assignment: a, writer: a.Producer, partition: a.Partition, decoder: decoder, committed: start >= 0,
		logger: s.logger.With("partition", a.Partition),
		rules:  fold.Rules{Where: where, Merge: extract.DocumentMerger(table)},
		marked: start, health: &health{},
	}
	c.health.source.beforeLetter = c.health.takeBest // whatever is told only every second
	c.readFrom(max(start, 0))
	return c, nil
}

// readFrom makes an empty queue that starts at a source offset.
func (c *claim) readFrom(offset int64) {
	c.queue = newPending(offset, c.opts.MaxPending, c.opts.MaxPendingBytes)
	c.queue.counter = &c.health.source
}

// supervise runs the partition until the context is over. It never returns before:
// that would end the whole session, with all its partitions.
func (c *claim) supervise(ctx context.Context) {
	defer c.closeSource()
	defer c.closeControl()
	stop := c.recallHealth(ctx)
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
		c.metrics.failures.Inc()
		pause := pauses.Failed(time.Since(began))
		c.logger.Warn("run ended, another begins", "error", err, "after", pause)
		_ = retry.Pause(ctx, pause)
	}
}

// markCommitted tells the group how far the partition is done.
func (c *claim) markCommitted() {
	if low, _ := c.told(); low != c.marked {
		c.marked = low
		c.assignment.Mark(low)
	}
}

func (c *claim) stateOptions() state.Options {
	return state.Options{
		Dir:      filepath.Join(c.opts.Dir, strconv.Itoa(int(c.partition)), stateDir),
		Identity: state.Identity{Source: c.sourceID, Changelog: c.changelogID},
		MaxAge:   c.opts.StateMaxAge, KeepDeletions: c.opts.KeepDeletions, WriteBuffer: c.opts.WriteBuffer, Uncompressed: c.opts.Uncompressed,
		Clock: c.opts.Clock, Logger: c.logger,
	}
}

// stateDir is the name of a partition's state below its directory.
const stateDir = "state"

// noteSource keeps the highest position that was seen, for the progress topic. It
// reports whether the event is behind another one, both by position and by time: then
// the source may have sent it before. All rows and deletions are at or before that
// position and time, so nothing else can be a repetition.
func (c *claim) noteSource(ch *tables.Change) (behind bool) {
	p := ch.Source
	if !p.Known() || p.Snapshot {
		return false
	}
	order, ordered := p.Order(c.seen)
	behind = ch.Time <= c.seenTime && (ordered && order <= 0 || c.mixed || c.seen.Epoch != 0 && !ordered)
	c.raiseSeen(p, ch.Time)
	return behind
}

// runHeader is what Debezium names a run of its connector in, anew at each start, unless
// extended.headers.enabled is false.
const runHeader = "__debezium.context.runId"

// namesItsRun reports whether a record comes from a connector that is known to repeat
// what it has sent when it is started again. Of others positions prove nothing: they
// may be those of a database that was restored, or of none at all.
func namesItsRun(headers []codecs.Header) bool {
	return slices.ContainsFunc(headers, func(h codecs.Header) bool { return h.Name == runHeader })
}

// noteStreamed takes over what the rows say.
func (c *claim) noteStreamed(s *state.Store) {
	p, at := s.Streamed()
	latest, mixed := s.Latest()
	c.latest, c.mixed = max(c.latest, latest), c.mixed || mixed
	if p.Known() {
		c.raiseSeen(p, at)
		c.queue.noteSeen(p)
	}
}

func (c *claim) raiseSeen(p tables.SourcePosition, at int64) {
	c.seenTime = max(c.seenTime, at)
	order, ordered := c.seen.Order(p)
	if ordered && order >= 0 {
		return
	}
	c.mixed = c.mixed || c.seen.Epoch != 0 && !ordered
	c.seen = p
}
