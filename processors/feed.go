package processors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/tables"
)

// openSource begins to read the source partition where the queue ends, unless it is
// being read already. Messages come from a consumer of its own, not from the group's
// claim: a group that waits for a dead member would stop them.
func (c *claim) openSource(ctx context.Context) error {
	if c.source != nil {
		return nil
	}
	now, err := describe(ctx, c.admin, c.sourceTopic)
	if err != nil {
		return err
	}
	if err := now.Since(kafka.Topic{Name: c.sourceTopic, Partitions: c.partitions, ID: c.sourceID}); err != nil {
		return err
	}
	if err := c.checkStart(); err != nil {
		return err
	}
	pc, err := c.data.ConsumePartition(c.sourceTopic, c.partition, c.queue.readNext())
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", c.sourceTopic, c.partition, c.queue.readNext(), err)
	}
	c.source = pc
	return nil
}

// checkStart reports records that are gone before they were read, and goes on with
// the first that is there.
func (c *claim) checkStart() error {
	oldest, err := c.offsets.GetOffset(c.sourceTopic, c.partition, sarama.OffsetOldest)
	if err != nil {
		return fmt.Errorf("oldest offset of %s/%d: %w", c.sourceTopic, c.partition, err)
	}
	next := c.queue.readNext()
	if next >= oldest {
		return nil
	}
	if next > 0 || c.committed {
		lost := &LostRecordsError{Topic: c.sourceTopic, Partition: c.partition, Next: next, Start: oldest}
		c.logger.Error("records lost", "error", lost)
		c.metrics.lost.Add(float64(oldest - next))
		c.status.lost(c.partition, lost)
	}
	c.queue.skipTo(oldest)
	return nil
}

// closeSource gives the consumer of the source partition back.
func (c *claim) closeSource() {
	if c.source == nil {
		return
	}
	closePartition(c.source)
	c.source = nil
}

func closePartition(pc sarama.PartitionConsumer) {
	pc.AsyncClose()
	for range pc.Messages() { //nolint:revive // drained, so that it can close
	}
	for range pc.Errors() { //nolint:revive // as above
	}
}

// feed sends goka what is pending, and then what it reads, in one order: repairs
// first, then what an earlier run has left, then new records and control records.
// It is the only reader of the source while the run lasts.
func (r *run) feed(ctx context.Context) error {
	for key := range r.repairs {
		if !r.sendEvent(ctx, bus.Event{Kind: bus.Repair, Key: key}) {
			return nil
		}
	}
	r.backlog = r.queue.rewind()
	if !r.feedBacklog(ctx) {
		return nil
	}
	for _, e := range r.controls.rewind() {
		if !r.sendControl(ctx, e) {
			return nil
		}
	}
	return r.feedNew(ctx)
}

// feedBacklog feeds what an earlier run has left, up to a record that waits for other
// partitions.
func (r *run) feedBacklog(ctx context.Context) bool {
	for len(r.backlog) > 0 && r.hold.Load() == noHold {
		e := r.backlog[0]
		r.backlog = r.backlog[1:]
		if !r.sendEntry(ctx, e) {
			return false
		}
	}
	return true
}

// fedNext is the next source offset to be fed.
func (r *run) fedNext() int64 {
	if len(r.backlog) > 0 {
		return r.backlog[0].offset
	}
	return r.queue.readNext()
}

// feedNew feeds what the topics have from now on.
func (r *run) feedNew(ctx context.Context) error {
	defer r.leaveUnread()
	defer r.leaveControlUnread()
	look := time.NewTicker(replayLook)
	defer look.Stop()
	for {
		if ok, err := r.beforeNext(ctx); !ok || err != nil {
			return err
		}
		if ok, err := r.feedNext(ctx, look.C); !ok || err != nil {
			return err
		}
	}
}

// beforeNext does what comes before the next record, in its order. It reports whether the
// run goes on.
func (r *run) beforeNext(ctx context.Context) (bool, error) {
	if !r.feedBacklog(ctx) || !r.tellWhole(ctx) {
		return false, nil
	}
	if r.reach.next.Load() != math.MaxInt64 {
		if next := r.fedNext(); r.reach.due(next) && !r.sendEvent(ctx, bus.Event{Kind: bus.Reached, Offset: next}) {
			return false, nil
		}
	}
	return r.replayed(ctx)
}

// feedNext feeds one thing, whichever comes first. It reports whether the run goes on.
func (r *run) feedNext(ctx context.Context, look <-chan time.Time) (bool, error) {
	control, room := r.controlMessages()
	source, again := r.sourceMessages()
	select {
	case <-ctx.Done():
		return false, nil
	case <-r.released:
	case <-r.holdOver.C:
		return r.sendEvent(ctx, bus.Event{Kind: bus.WaitOver, Offset: r.hold.Load()}), nil
	case a := <-r.rereads.loaded:
		r.decodeAgain(a)
		return r.sendEvent(ctx, bus.Event{Kind: bus.Reread}), nil
	case <-look:
		return r.lookAround(ctx)
	case m, ok := <-source:
		if !ok {
			r.closeSource()
			return false, errSourceEnded
		}
		return true, r.read(ctx, m)
	case <-again:
		return true, r.readWaiting(ctx)
	case <-room:
		r.readControl(ctx, r.crowded)
	case m, ok := <-control:
		if !ok {
			r.closeControl()
			return false, errors.New("the control topic's consumer has ended")
		}
		r.readControl(ctx, m)
	case err := <-r.source.Errors():
		r.warn("reading the source topic", err)
	case err := <-r.controlSource.Errors():
		r.warn("reading the control topic", err)
	}
	return true, nil
}

// sourceMessages is where the next source record comes from, or the retry of the one that
// waits. Both are nil while something else comes first.
func (r *run) sourceMessages() (source <-chan *sarama.ConsumerMessage, again <-chan time.Time) {
	if r.hold.Load() != noHold || r.controls.readNext() < r.controlEnd {
		return nil, nil // something first that concerns other partitions, too
	}
	if r.waiting.message != nil {
		return nil, r.waiting.retry // what stands behind it comes after it
	}
	return r.source.Messages(), r.waiting.retry
}

// lookAround does what needs no record, now and then. It reports whether the run goes on.
func (r *run) lookAround(ctx context.Context) (bool, error) {
	r.lookAtSchema()
	r.lookForFirstEnd(ctx)
	if err := r.lookForEnd(ctx); err != nil {
		return false, err
	}
	return r.tellOutruns(ctx), nil
}

func (r *run) warn(what string, err *sarama.ConsumerError) {
	if err != nil {
		r.logger.Warn(what, "error", err.Err)
	}
}

// read decodes a source record, queues it, and hands it to goka. When it cannot be
// decoded now, the feed stands at it.
func (r *run) read(ctx context.Context, m *sarama.ConsumerMessage) error {
	if err := r.checkPartitioner(m); err != nil {
		// The record stays unread: the next run meets it again.
		r.closeSource()
		return err
	}
	e := r.queue.get()
	if err := r.decode(e, m); err != nil {
		r.queue.giveBack(e)
		r.wait(m, err)
		return nil
	}
	r.goOn()
	r.meetFirstEnd(e)
	r.health.note(e)
	r.newest.keep(m)
	skipped := e.action == doNothing // once queued, such an entry may serve another record
	for !r.queue.push(e) {
		select {
		case <-ctx.Done():
			// Not queued, so it must be read again.
			r.closeSource()
			return nil
		case <-r.queue.room():
		}
	}
	if !skipped {
		r.sendEntry(ctx, e)
	}
	return nil
}

// checkPartitioner refuses a record that the declared partitioner would have put elsewhere.
func (r *run) checkPartitioner(m *sarama.ConsumerMessage) error {
	if r.partitions == 1 {
		return nil
	}
	want, known := kafka.PartitionOf(r.opts.Table.Source.Partitioner, m.Key, r.partitions)
	if !known || want == r.partition {
		return nil
	}
	return &PartitionerError{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Key: m.Key,
		Partitioner: r.opts.Table.Source.Partitioner, Want: want,
	}
}

// decode fills the entry from the message: for the dead letters, if it cannot be
// decoded. The error says that it cannot be decided now.
func (r *run) decode(e *entry, m *sarama.ConsumerMessage) error {
	e.offset, e.size = m.Offset, len(m.Key)+len(m.Value)
	headers := e.raw.Headers[:0]
	for _, h := range m.Headers {
		headers = append(headers, codecs.Header{Name: string(h.Key), Value: h.Value})
		e.size += len(h.Key) + len(h.Value)
	}
	e.raw = codecs.Record{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Timestamp,
		Key: m.Key, Value: m.Value, Headers: headers,
	}
	err := r.restore(e)
	if err == nil {
		err = r.decoder.Decode(&e.raw, &e.change)
	}
	if err == nil {
		err = r.atHome(&e.change)
	}
	e.change.Partition, e.change.Offset = m.Partition, m.Offset
	if errors.Is(err, codecs.ErrUnavailable) {
		return err
	}
	if err != nil {
		e.action, e.field, e.reason = doDead, "record", err.Error()
		var de *codecs.Error
		if errors.As(err, &de) {
			e.field, e.reason = de.Field, de.Reason
		}
		return nil
	}
	r.locate(e)
	e.behind = r.noteSource(&e.change) && namesItsRun(e.raw.Headers)
	switch e.change.Op {
	case tables.Upsert, tables.Delete:
		e.action = doFold
	case tables.Truncate:
		e.action = doTruncate
	default:
		e.action = doNothing
		r.metrics.skip(e.change.Reason)
	}
	return nil
}

// sendEntry hands an entry to goka under the key that its change has in the table.
func (r *run) sendEntry(ctx context.Context, e *entry) bool {
	switch {
	case e.action == doTruncate:
		r.hold.Store(e.offset)
	case r.partitions > 1 && e.mayWait():
		r.hold.Store(e.offset)
		r.holdOver.Reset(r.opts.ImageWait)
	}
	return r.send(ctx, &sarama.ConsumerMessage{
		Topic: r.sourceTopic, Partition: r.partition, Offset: e.offset,
		Key: []byte(e.change.Key), Timestamp: e.raw.Time,
	})
}

func (r *run) send(ctx context.Context, m *sarama.ConsumerMessage) bool {
	select {
	case r.messages <- m:
		return true
	default:
	}
	select {
	case r.messages <- m:
		return true
	case <-ctx.Done():
		return false
	}
}
