package processors

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/pending"
)

// Control records need few places: most are done as soon as they are met.
const (
	controlEntries = 4096
	controlBytes   = 4 << 20
)

// controlReader reads the partition of the control topic that has the number of the source's.
type controlReader struct {
	c        *claim
	consumer sarama.PartitionConsumer
	end      int64                   // of the topic when it was opened
	crowded  *sarama.ConsumerMessage // a record that waits for others to be done
}

// open begins to read where the state says that control records are done: the group knows the
// source topic only. A state without a position begins at the oldest record: what was done
// before is recognised. So it is when an earlier run's state was set aside: what it kept of
// them went with it.
func (k *controlReader) open(done int64) error {
	c := k.c
	next, err := k.start(done)
	if err != nil {
		return err
	}
	if c.controls != nil && next < c.controls.Watermark() {
		k.close()
		c.controls = nil
	}
	if k.consumer != nil {
		return nil
	}
	if c.controls == nil {
		c.controls = pending.New(next, controlEntries, controlBytes, &c.health.Control)
	}
	pc, err := c.data.ConsumePartition(c.names.Batch, c.partition, c.controls.ReadNext())
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", c.names.Batch, c.partition, c.controls.ReadNext(), err)
	}
	k.consumer = pc
	return nil
}

func (k *controlReader) start(done int64) (int64, error) {
	c := k.c
	oldest, end, err := c.span(c.names.Batch)
	if err != nil {
		return 0, err
	}
	k.end = end
	if done < oldest || done > end {
		return oldest, nil
	}
	return done, nil
}

func (k *controlReader) close() {
	if k.consumer == nil {
		return
	}
	closePartition(k.consumer)
	k.consumer = nil
}

// behind reports whether there are records from before the run that were not read yet.
func (k *controlReader) behind() bool { return k.c.controls.ReadNext() < k.end }

// read queues a control record. When too many are not done yet it waits, and with it the
// topic: the source goes on.
func (k *controlReader) read(m *sarama.ConsumerMessage) *pending.Entry {
	e := k.c.controls.Get()
	e.Offset, e.Size, e.Raw.Value = m.Offset, len(m.Value), m.Value
	if !k.c.controls.Push(e) {
		k.c.controls.GiveBack(e)
		k.crowded = m
		return nil
	}
	k.crowded = nil
	return e
}

// messages are what is to be read of the control topic: nothing while a record
// waits for others to be done, or without one never that there is room.
func (k *controlReader) messages() (messages <-chan *sarama.ConsumerMessage, room <-chan struct{}) {
	if k.crowded != nil {
		return nil, k.c.controls.Room()
	}
	return k.consumer.Messages(), nil
}

// leaveUnread gives up a control record that waits for room: the next run reads it.
func (k *controlReader) leaveUnread() {
	if k.crowded != nil {
		k.crowded = nil
		k.close()
	}
}

// control deals with a control record.
func (r *run) control(offset int64, value []byte, done func(error)) error {
	e := r.controls.Take(offset)
	if e == nil {
		done(nil)
		return fmt.Errorf("control record %d was fed to goka but is not in the queue", offset)
	}
	return r.bus.Record(offset, e.Cut, value, done)
}

// cutAt is the next source offset that the state does not have: the record that waits
// for other partitions, when there is one.
func (r *run) cutAt(fed int64) int64 {
	if offset, waits := r.asker.Waits(); waits {
		return offset
	}
	if offset, waits := r.truncates.Waits(); waits {
		return offset
	}
	return fed
}

// controlDone notes that a control record needs no repetition.
func (r *run) controlDone(offset int64) error {
	return r.store.SetControl(r.controls.Finish(offset))
}
