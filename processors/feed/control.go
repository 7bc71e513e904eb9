package feed

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/pending"
)

// ControlEntries is how many control records may be read and not done. They need few entries: most are done as soon
// as they are met.
const ControlEntries = 4096

const controlBytes = 4 << 20

// controlReader reads the partition of the control topic that has the number of the source's.
type controlReader struct {
	opts     *Options
	queue    *pending.Queue // what is read and not done; nil before the topic is open
	consumer sarama.PartitionConsumer
	end      int64                   // of the topic when it was opened
	crowded  *sarama.ConsumerMessage // a record that waits for others to be done
}

// open begins to read where the state says that control records are done: the group knows the
// source topic only. A state without a position begins at the oldest record: what was done
// before is recognised. So it is when an earlier run's state was set aside: what it kept of
// them went with it.
func (k *controlReader) open(done int64) error {
	next, err := k.start(done)
	if err != nil {
		return err
	}
	if k.queue != nil && next < k.queue.Watermark() {
		k.close()
		k.queue = nil
	}
	if k.consumer != nil {
		return nil
	}
	if k.queue == nil {
		k.queue = pending.New(next, ControlEntries, controlBytes, &k.opts.Health.Control)
	}
	pc, err := k.opts.Consumer.ConsumePartition(k.opts.Control, k.opts.Partition, k.queue.ReadNext())
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", k.opts.Control, k.opts.Partition, k.queue.ReadNext(), err)
	}
	k.consumer = pc
	return nil
}

func (k *controlReader) start(done int64) (int64, error) {
	oldest, end, err := k.opts.Span(k.opts.Control)
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
func (k *controlReader) behind() bool { return k.queue.ReadNext() < k.end }

// read queues a control record. When too many are not done yet it waits, and with it the
// topic: the source goes on.
func (k *controlReader) read(m *sarama.ConsumerMessage) *pending.Entry {
	e := k.queue.Get()
	e.Offset, e.Size, e.Raw.Value = m.Offset, len(m.Value), m.Value
	if !k.queue.Push(e) {
		k.queue.GiveBack(e)
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
		return nil, k.queue.Room()
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
