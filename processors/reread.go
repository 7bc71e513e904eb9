package processors

import (
	"context"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/pending"
)

// Some records are read once more, out of their order: an insert whose missing values
// have come, a dead letter that is to be tried again. They are read in the background,
// decoded by the feeder, which owns the decoder, and folded by goka's goroutine, like
// all others; under their own source offset, so what is newer wins.

// again is a record that is to be read once more.
type again struct {
	offset int64    // of the source record
	image  []byte   // what it lacked, for an insert
	done   bus.Done // of the control record that asks for it
	letter *deadletter.Try

	record *kgo.Record // as it was read
	err    error       // or why it was not
	entry  *pending.Entry
}

// rereads are the records on their way.
type rereads struct {
	loaded chan func() // for the feeder
	mu     *sync.Mutex
	ready  *[]*again
}

func newRereads() rereads {
	return rereads{loaded: make(chan func()), mu: &sync.Mutex{}, ready: &[]*again{}}
}

const (
	rereadTimeout = 30 * time.Second
	// againAfter is how long a record rests that could not be decoded.
	againAfter = 2 * time.Second
)

// readAgain reads a record of the source in the background and brings it back.
func (r *run) readAgain(a *again) {
	r.goBackground(func() {
		ctx, cancel := context.WithTimeout(r.workCtx, rereadTimeout)
		defer cancel()
		a.record, a.err = logread.One(ctx, r.admin, r.sourceTopic, r.partition, a.offset)
		r.bring(a)
	})
}

// bring hands a record that was read to the feeder.
func (r *run) bring(a *again) {
	select {
	case r.rereads.loaded <- func() { r.decodeAgain(a) }:
	case <-r.workCtx.Done():
	}
}

// bringLater brings a record again that could not be decoded now.
func (r *run) bringLater(a *again) {
	r.goBackground(func() {
		select {
		case <-time.After(againAfter):
			r.bring(a)
		case <-r.workCtx.Done():
		}
	})
}

// decodeAgain is the feeder's part.
func (r *run) decodeAgain(a *again) {
	if a.err == nil {
		a.entry = &pending.Entry{}
		if err := r.intake.Decode(a.entry, messageOf(a.record)); err != nil && a.letter == nil {
			r.bringLater(a)
			return
		} else if err != nil {
			a.err = err // who asked for it can ask again
		}
	}
	r.rereads.mu.Lock()
	defer r.rereads.mu.Unlock()
	*r.rereads.ready = append(*r.rereads.ready, a)
}

// reread is the part of goka's goroutine.
func (r *run) reread(bus.Event) error {
	r.rereads.mu.Lock()
	ready := *r.rereads.ready
	*r.rereads.ready = nil
	r.rereads.mu.Unlock()
	for _, a := range ready {
		var err error
		if a.letter != nil {
			err = r.applier.Retry(a.letter, a.letter.From, a.entry, a.err)
		} else {
			err = r.applier.FoldLate(&apply.Late{Offset: a.offset, Entry: a.entry, Err: a.err, Image: a.image, Done: a.done.When})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// messageOf is a record as the source's consumer would have delivered it.
func messageOf(rec *kgo.Record) *sarama.ConsumerMessage {
	m := &sarama.ConsumerMessage{
		Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Timestamp: rec.Timestamp, Key: rec.Key, Value: rec.Value,
	}
	for _, h := range rec.Headers {
		m.Headers = append(m.Headers, &sarama.RecordHeader{Key: []byte(h.Key), Value: h.Value})
	}
	return m
}
