package feed

import (
	"context"
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/processors/topicwatch"
)

// Open begins to read the source partition where the queue ends, unless it is
// being read already. Messages come from a consumer of its own, not from the group's
// claim: a group that waits for a dead member would stop them.
func (f *Feeder) Open(ctx context.Context) error {
	if f.source != nil {
		return nil
	}
	o := &f.opts
	now, err := topicwatch.Describe(ctx, o.Admin, o.Source.Name)
	if err != nil {
		return err
	}
	if err := now.Since(o.Source); err != nil {
		return err
	}
	if err := f.checkStart(); err != nil {
		return err
	}
	next := o.Queue.ReadNext()
	pc, err := o.Consumer.ConsumePartition(o.Source.Name, o.Partition, next)
	if err != nil {
		return fmt.Errorf("read %s/%d from offset %d: %w", o.Source.Name, o.Partition, next, err)
	}
	f.source = pc
	return nil
}

// checkStart reports records that are gone before they were read, and goes on with
// the first that is there.
func (f *Feeder) checkStart() error {
	o := &f.opts
	oldest, _, err := o.Span(o.Source.Name)
	if err != nil {
		return err
	}
	next := o.Queue.ReadNext()
	if next >= oldest {
		return nil
	}
	if next > 0 || f.missed {
		o.Lost(next, oldest)
	}
	o.Queue.SkipTo(oldest)
	return nil
}

// ReadFrom empties the queue, and has the source read from another offset once it is opened.
func (f *Feeder) ReadFrom(offset int64) {
	f.closeSource() // it is at the offset that the queue was at
	f.opts.Queue.Reset(offset)
}

// MissNothing says that no data is lost with what the source no longer has at its start.
func (f *Feeder) MissNothing() { f.missed = false }

// closeSource gives the consumer of the source partition back.
func (f *Feeder) closeSource() {
	if f.source == nil {
		return
	}
	closePartition(f.source)
	f.source = nil
}

// Idle reports whether everything that was read of the source has been taken.
func (f *Feeder) Idle() bool { return len(f.source.Messages()) == 0 }

// closePartition closes a consumer. Both of its channels are drained at once: it cannot close
// while one of them is full.
func closePartition(pc sarama.PartitionConsumer) {
	pc.AsyncClose()
	messages, errs := pc.Messages(), pc.Errors()
	for messages != nil || errs != nil {
		select {
		case _, open := <-messages:
			if !open {
				messages = nil
			}
		case _, open := <-errs:
			if !open {
				errs = nil
			}
		}
	}
}
