package stream

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
)

// place says what is being done for a partition.
type place int

const (
	resting  place = iota // what was fetched is being delivered, or the partition has ended
	lost                  // its leader is looked for
	waiting               // it waits at its broker to be fetched
	asked                 // a request for what is behind has it
	followed              // the broker's session has it
)

const (
	// messageRoom is how many messages a partition has at hand for its reader: enough for neither to wait on
	// every message.
	messageRoom = 256
	errorRoom   = 16
)

// partition is one that is read. It implements sarama.PartitionConsumer.
type partition struct {
	consumer *Consumer
	reader   *Reader
	topic    string
	number   int32

	messages chan *sarama.ConsumerMessage
	errors   chan *sarama.ConsumerError
	ending   chan struct{} // closed when nothing more is to be delivered
	high     atomic.Int64
	closing  sync.Once

	// Guarded by the reader's mutex.
	id      [16]byte // of the topic, zeros until it is known
	next    int64    // the offset to be fetched next
	place   place
	broker  *broker
	settled bool  // the last fetch has reached the end
	hollow  int64 // a fetch has found nothing before this stable offset
	paused  bool
	ended   bool
	final   error     // ends the partition once everything before it is delivered
	tries   int       // requests in vain since the last one that was answered
	vain    time.Time // when the first of them was
	after   time.Time // the leader is looked for

	chunk      *chunk // fetched, and to be delivered next
	delivering bool   // a goroutine has the channel of messages
	held       int    // bytes that it has in hand
	average    int    // size of the messages in the channel
}

func newPartition(c *Consumer, topic string, number int32, next int64) *partition {
	return &partition{
		consumer: c, reader: c.reader, topic: topic, number: number, next: next,
		messages: make(chan *sarama.ConsumerMessage, messageRoom), errors: make(chan *sarama.ConsumerError, errorRoom),
		ending: make(chan struct{}),
	}
}

func (p *partition) spot() spot { return spot{p.topic, p.number} }

// add begins to read a partition.
func (r *Reader) add(p *partition) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.open(); err != nil {
		return err
	}
	r.partitions[p] = struct{}{}
	p.lose(0)
	return nil
}

// Messages implements sarama.PartitionConsumer.
func (p *partition) Messages() <-chan *sarama.ConsumerMessage { return p.messages }

// Errors implements sarama.PartitionConsumer.
func (p *partition) Errors() <-chan *sarama.ConsumerError { return p.errors }

// HighWaterMarkOffset implements sarama.PartitionConsumer. It is 0 until the first fetch is answered.
func (p *partition) HighWaterMarkOffset() int64 { return p.high.Load() }

// AsyncClose implements sarama.PartitionConsumer.
func (p *partition) AsyncClose() {
	p.closing.Do(func() { p.consumer.forget(p) })
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.end()
}

// Close implements sarama.PartitionConsumer.
func (p *partition) Close() error {
	p.AsyncClose()
	for range p.messages {
	}
	var errs sarama.ConsumerErrors
	for err := range p.errors {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// end ends the partition. Its channels are closed by whoever has them. The caller has the reader's mutex.
func (p *partition) end() {
	if p.ended {
		return
	}
	p.ended = true
	close(p.ending)
	delete(p.reader.partitions, p)
	if p.place == followed {
		p.broker.session.leave(p)
	}
	p.chunk = nil
	if !p.delivering {
		p.closeChannels()
	}
}

func (p *partition) closeChannels() {
	close(p.messages)
	close(p.errors)
}

// Pause implements sarama.PartitionConsumer.
func (p *partition) Pause() {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.paused = true
	if p.place == followed {
		p.broker.session.leave(p)
		p.wait()
	}
}

// Resume implements sarama.PartitionConsumer.
func (p *partition) Resume() {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.paused = false
	if p.place == waiting {
		p.broker.wake()
	}
}

// IsPaused implements sarama.PartitionConsumer.
func (p *partition) IsPaused() bool {
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	return p.paused
}

// wait has the partition fetched when it is its turn. The caller has the reader's mutex, and so it is below.
func (p *partition) wait() {
	if p.ended {
		return
	}
	p.place = waiting
	p.broker.waiting = append(p.broker.waiting, p)
	p.broker.wake()
}

// lose has the partition's leader looked for, after a pause.
func (p *partition) lose(pause time.Duration) {
	if p.ended {
		return
	}
	p.place, p.broker, p.settled, p.hollow = lost, nil, false, 0
	p.after = time.Now().Add(pause)
	p.reader.lost = append(p.reader.lost, p)
	signal(p.reader.found)
}
