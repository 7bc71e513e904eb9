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
		goka.Persist(rowCodec{r}),
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
		goka.WithProducerBuilder(func([]string, string, func() hash.Hash32) (goka.Producer, error) { return gokaProducer{r.log}, nil }),
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
		ctx.Fail(fmt.Errorf("offset %d was fed to goka but is not in the queue", ctx.Offset()))
	}
	var err error
	switch e.action {
	case doFold:
		err = r.apply(tableKey{ctx: ctx}, e)
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
		ctx.Fail(err)
	}
}

// onControl is goka's callback for a record of the control topic.
func (r *run) onControl(ctx goka.Context, msg any) {
	value, _ := msg.([]byte)
	var err error
	if ctx.Offset() < 0 {
		err = r.own(tableKey{ctx: ctx}, ctx.Offset())
	} else {
		err = r.control(ctx.Offset(), value, ctx.DeferCommit())
	}
	if err != nil {
		ctx.Fail(err)
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

// tableKey is the row that is being written: of the message that goka processes, or,
// without goka's context, of any key of the partition, all being told of what must be
// acknowledged.
type tableKey struct {
	ctx goka.Context
	run *run
	key string
	all *gather
	// letter says that it is a dead letter's: it does not become another one.
	letter bool
}

// name is the row's key.
func (k tableKey) name() string {
	if k.ctx != nil {
		return k.ctx.Key()
	}
	return k.key
}

// set stores the row that the run has encoded; goka asks the codec for it.
func (k tableKey) set() error {
	if k.ctx != nil {
		k.ctx.SetValue(encoded{})
		return nil
	}
	r := k.run
	if err := r.store.Put(k.key, r.encoded, r.current, r.marking); err != nil {
		return err
	}
	r.log.put(k.key, r.encoded, k.all.add())
	return nil
}

// remove writes the tombstone that the run has begun.
func (k tableKey) remove() error {
	if k.ctx != nil {
		k.ctx.Delete()
		return nil
	}
	r := k.run
	if err := r.store.Delete(k.key, r.deletion, r.current); err != nil {
		return err
	}
	r.log.put(k.key, nil, k.all.add())
	return nil
}

// later returns what must be called before the row's record counts as done.
func (k tableKey) later() func(error) {
	if k.ctx != nil {
		return k.ctx.DeferCommit()
	}
	return k.all.add()
}

// encoded stands for the bytes in the run: handing them over themselves would cost an allocation.
type encoded struct{}

// rowCodec hands goka the state row that the run has just encoded. It never fails.
type rowCodec struct{ run *run }

// Encode implements goka.Codec.
func (c rowCodec) Encode(any) ([]byte, error) { return c.run.encoded, nil }

// Decode implements goka.Codec.
func (c rowCodec) Decode(b []byte) (any, error) { return b, nil }

// rawCodec passes bytes on. It never fails: what cannot be read is dealt with in the callback.
type rawCodec struct{}

// Encode implements goka.Codec.
func (rawCodec) Encode(v any) ([]byte, error) {
	b, _ := v.([]byte)
	return b, nil
}

// Decode implements goka.Codec.
func (rawCodec) Decode(b []byte) (any, error) { return b, nil }

// gokaProducer is goka's producer for the run.
type gokaProducer struct{ log *changelog }

// Emit implements goka.Producer.
func (p gokaProducer) Emit(topic, key string, value []byte) *goka.Promise {
	return p.EmitWithHeaders(topic, key, value, nil)
}

// EmitWithHeaders implements goka.Producer. The topic is always the changelog.
func (p gokaProducer) EmitWithHeaders(_ string, key string, value []byte, _ goka.Headers) *goka.Promise {
	promise, finish := goka.NewPromiseWithFinisher()
	p.log.put(key, value, func(err error) { finish(nil, err) })
	return promise
}

// Close implements goka.Producer. The client behind it belongs to the session.
func (p gokaProducer) Close() error { return nil }

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
func (s *gokaStorage) Set(key string, value []byte) error {
	return s.store.Put(key, value, s.run.current, s.run.marking)
}

// Delete implements storage.Storage.
func (s *gokaStorage) Delete(key string) error {
	return s.store.Delete(key, s.run.deletion, s.run.current)
}

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
