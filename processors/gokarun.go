package processors

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"log/slog"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
	"github.com/lovoo/goka/storage"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// This file is where goka is named: one goka.Processor for each run of a partition,
// and the small types that stand where goka would build its own.

// partitionChannel is the number of messages between goka's feeding and its
// processing goroutine: enough for neither to wait on every message.
const partitionChannel = 1000

// runGoka recovers the table and processes messages until the context is over or
// something fails.
func (r *run) runGoka(ctx context.Context) error {
	graph := goka.DefineGroup(goka.Group(r.names.Group),
		goka.Input(goka.Stream(r.sourceTopic), rawCodec{}, r.onSource),
		goka.Input(goka.Stream(r.names.Batch), rawCodec{}, r.onControl),
		goka.Persist(rawCodec{}),
	)
	group := &soloGroup{
		topics: []string{r.sourceTopic, r.names.Batch}, partition: r.partition,
		messages: r.messages, recovered: r.recovered, commit: r.commit,
	}
	topics := &knownTopics{client: r.offsets, partitions: map[string]int32{
		r.sourceTopic: r.partitions, r.names.Batch: r.partitions, r.names.Table: r.partitions,
	}, ends: r.noteEnd}
	p, err := goka.NewProcessor(nil, graph,
		goka.WithNilHandling(goka.NilProcess), // the default drops deletions
		goka.WithUpdateCallback(r.onRecover),
		goka.WithPartitionChannelSize(partitionChannel),
		goka.WithLogger(gokaLogger{r.logger}),
		goka.WithStorageBuilder(func(string, int32) (storage.Storage, error) { return &gokaStorage{run: r}, nil }),
		goka.WithTopicManagerBuilder(func([]string) (goka.TopicManager, error) { return topics, nil }),
		goka.WithConsumerGroupBuilder(func([]string, string, string) (sarama.ConsumerGroup, error) { return group, nil }),
		goka.WithConsumerSaramaBuilder(func([]string, string) (sarama.Consumer, error) { return recoveryConsumer{r.recovery, r}, nil }),
		goka.WithProducerBuilder(func([]string, string, func() hash.Hash32) (goka.Producer, error) { return noProducer{}, nil }),
	)
	if err != nil {
		return fmt.Errorf("set up the partition's processor: %w", err)
	}
	return p.Run(ctx)
}

// onSource is goka's callback for a source record. The message carries no value:
// its decoded change waits in the queue, under its offset.
func (r *run) onSource(ctx goka.Context, _ any) {
	e := r.queue.take(ctx.Offset())
	if e == nil {
		failMessage(ctx, fmt.Errorf("offset %d was fed to goka but is not in the queue", ctx.Offset()))
		return
	}
	var err error
	switch e.action {
	case doFold:
		err = r.apply(target{key: ctx.Key(), acks: ctx}, e)
	case doDead:
		r.deadLetter(e, ctx.DeferCommit())
	case doTruncate:
		if r.stage != nil {
			err = r.truncatePlaced(e, ctx.DeferCommit())
			break
		}
		err = r.truncateSource(e, ctx.DeferCommit())
	}
	if err != nil {
		failMessage(ctx, err)
	}
}

// failMessage ends the run. Once the run is over goka's own way of it lets a callback go on,
// and would take its message for done.
func failMessage(ctx goka.Context, err error) {
	ctx.DeferCommit()(err)
	ctx.Fail(err)
}

// onControl is goka's callback for a record of the control topic.
func (r *run) onControl(ctx goka.Context, msg any) {
	value, _ := msg.([]byte)
	var err error
	if ctx.Offset() < 0 {
		err = r.own(target{key: ctx.Key(), acks: ctx}, ctx.Offset())
	} else {
		err = r.control(ctx.Offset(), value, ctx.DeferCommit())
	}
	if err != nil {
		failMessage(ctx, err)
	}
}

// onRecover is goka's callback for a changelog record during recovery.
func (r *run) onRecover(ctx goka.UpdateContext, _ storage.Storage, key string, value []byte) error {
	r.recoveryNext.Store(ctx.Offset() + 1)
	h := ctx.Headers()
	return r.recoverRecord(recovered{
		offset: ctx.Offset(), key: key, value: value, at: ctx.Timestamp().UnixMicro(),
		stamp: h[wire.StampName], told: h[wire.DeletionName], image: h[wire.ImageName],
	})
}

// rawCodec passes bytes on. It never fails: what cannot be read is dealt with in the callback.
type rawCodec struct{}

// Encode implements goka.Codec.
func (rawCodec) Encode(v any) ([]byte, error) {
	b, _ := v.([]byte)
	return b, nil
}

// Decode implements goka.Codec.
func (rawCodec) Decode(b []byte) (any, error) { return b, nil }

var errWritten = errors.New("rows are written by the row writer, not through goka")

// noProducer is goka's producer for the run: nothing is written through goka.
type noProducer struct{}

// Emit implements goka.Producer.
func (noProducer) Emit(string, string, []byte) *goka.Promise {
	_, finish := goka.NewPromiseWithFinisher()
	return finish(nil, errWritten)
}

// EmitWithHeaders implements goka.Producer.
func (p noProducer) EmitWithHeaders(topic, key string, value []byte, _ goka.Headers) *goka.Promise {
	return p.Emit(topic, key, value)
}

// Close implements goka.Producer. The client behind it belongs to the session.
func (noProducer) Close() error { return nil }

// gokaStorage is goka's storage for the run.
type gokaStorage struct {
	run   *run
	store *state.Store
}

// Open implements storage.Storage.
func (s *gokaStorage) Open() error {
	st, err := s.run.openState()
	s.store = st
	return err
}

// Close implements storage.Storage.
func (s *gokaStorage) Close() error {
	if s.store == nil {
		return nil
	}
	s.run.stopBackground() // batches in the making hold snapshots of the store
	return s.store.Close()
}

// Has implements storage.Storage.
func (s *gokaStorage) Has(key string) (bool, error) {
	b, err := s.store.Get(key)
	return b != nil, err
}

// Get implements storage.Storage.
func (s *gokaStorage) Get(key string) ([]byte, error) { return s.store.Get(key) }

// Set implements storage.Storage.
func (s *gokaStorage) Set(string, []byte) error { return errWritten }

// Delete implements storage.Storage.
func (s *gokaStorage) Delete(string) error { return errWritten }

// GetOffset implements storage.Storage.
func (s *gokaStorage) GetOffset(def int64) (int64, error) {
	if p := s.store.Position(); p != state.Unknown {
		return p, nil
	}
	return def, nil
}

// SetOffset implements storage.Storage.
func (s *gokaStorage) SetOffset(offset int64) error {
	s.store.SetPosition(offset)
	return nil
}

// MarkRecovered implements storage.Storage.
func (s *gokaStorage) MarkRecovered() error { return s.store.Flush() }

var errNoIterator = errors.New("rows are iterated through the state, not through goka")

// Iterator implements storage.Storage; only goka's visitors would use it.
func (s *gokaStorage) Iterator() (storage.Iterator, error) { return nil, errNoIterator }

// IteratorWithRange implements storage.Storage; only goka's visitors would use it.
func (s *gokaStorage) IteratorWithRange(_, _ []byte) (storage.Iterator, error) {
	return nil, errNoIterator
}

type gokaLogger struct{ logger *slog.Logger }

// Print implements goka.Logger.
func (l gokaLogger) Print(args ...any) { l.logger.Debug("goka", "message", fmt.Sprint(args...)) }

// Println implements goka.Logger.
func (l gokaLogger) Println(args ...any) { l.logger.Debug("goka", "message", fmt.Sprintln(args...)) }

// Printf implements goka.Logger.
func (l gokaLogger) Printf(format string, args ...any) {
	l.logger.Debug("goka", "message", fmt.Sprintf(format, args...))
}
