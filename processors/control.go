package processors

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/bus"
)

// Control records need few places: most are done as soon as they are met.
const (
	controlEntries = 4096
	controlBytes   = 4 << 20
)

// openControl begins to read the partition of the control topic that has this
// number. Its position is kept in the state: the group knows the source topic only.
// A state without one begins at the oldest record: what was done before is recognised.
// So it is when an earlier run's state was set aside: what it kept of them went with it.
func (r *run) openControl() error {
	next, err := r.controlStart()
	if err != nil {
		return err
	}
	if r.controls != nil && next < r.controls.watermark() {
		r.closeControl()
		r.controls = nil
	}
	if r.controlSource != nil {
		return nil
	}
	if r.controls == nil {
		r.controls = newPending(next, controlEntries, controlBytes)
		r.controls.counter = &r.health.control
	}
	pc, err := r.data.ConsumePartition(r.names.Batch, r.partition, r.controls.readNext())
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", r.names.Batch, r.partition, r.controls.readNext(), err)
	}
	r.controlSource = pc
	return nil
}

func (r *run) controlStart() (int64, error) {
	oldest, err1 := r.offsets.GetOffset(r.names.Batch, r.partition, sarama.OffsetOldest)
	end, err2 := r.offsets.GetOffset(r.names.Batch, r.partition, sarama.OffsetNewest)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("offsets of %s/%d: %w", r.names.Batch, r.partition, err)
	}
	r.controlEnd = end
	stored, err := r.store.Control()
	if err != nil {
		return 0, err
	}
	if stored < oldest || stored > end {
		return oldest, nil
	}
	return stored, nil
}

func (c *claim) closeControl() {
	if c.controlSource == nil {
		return
	}
	closePartition(c.controlSource)
	c.controlSource = nil
}

// readControl queues a control record and hands it to goka, behind every source
// record that was fed before it: that is the cut of a barrier. When too many are not
// done yet it waits, and with it the topic: the source goes on.
func (r *run) readControl(ctx context.Context, m *sarama.ConsumerMessage) {
	e := r.controls.get()
	e.offset, e.size, e.raw.Value = m.Offset, len(m.Value), m.Value
	if !r.controls.push(e) {
		r.controls.giveBack(e)
		r.crowded = m
		return
	}
	r.crowded = nil
	r.sendControl(ctx, e)
}

// controlMessages are what is to be read of the control topic: nothing while a record
// waits for others to be done, or without one never that there is room.
func (r *run) controlMessages() (messages <-chan *sarama.ConsumerMessage, room <-chan struct{}) {
	if r.crowded != nil {
		return nil, r.controls.room()
	}
	return r.controlSource.Messages(), nil
}

// leaveControlUnread gives up a control record that waits for room: the next run reads it.
func (r *run) leaveControlUnread() {
	if r.crowded != nil {
		r.crowded = nil
		r.closeControl()
	}
}

func (r *run) sendControl(ctx context.Context, e *entry) bool {
	e.cut = r.fedNext()
	value := e.raw.Value
	if value == nil {
		value = []byte{}
	}
	return r.send(ctx, &sarama.ConsumerMessage{Topic: r.names.Batch, Partition: r.partition, Offset: e.offset, Value: value})
}

// control deals with a control record.
func (r *run) control(offset int64, value []byte, done func(error)) error {
	e := r.controls.take(offset)
	if e == nil {
		done(nil)
		return fmt.Errorf("control record %d was fed to goka but is not in the queue", offset)
	}
	return r.bus.Record(offset, e.cut, value, done)
}

// cutAt is the next source offset that the state does not have: the record that waits
// for other partitions, when there is one.
func (r *run) cutAt(fed int64) int64 {
	switch {
	case r.wanted != nil:
		return r.wanted.e.offset
	case r.truncation != nil:
		return r.truncation.offset
	}
	return fed
}

// sendEvent tells the callback's goroutine something, in its place among the messages.
func (r *run) sendEvent(ctx context.Context, e bus.Event) bool {
	offset, key := e.Message()
	return r.send(ctx, &sarama.ConsumerMessage{Topic: r.names.Batch, Partition: r.partition, Offset: offset, Key: key, Value: []byte{0}})
}

// controlDone notes that a control record needs no repetition.
func (r *run) controlDone(offset int64) error {
	return r.store.SetControl(r.controls.finish(offset))
}
