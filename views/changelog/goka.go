package changelog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
	"github.com/lovoo/goka/storage"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/kafka/stream"
)

// view runs one goka.View until it ends or the context does.
func (r *Reader) view(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	reader, err := r.o.Pool.Reader()
	if err != nil {
		return err
	}
	consumer := reader.Consumer()
	defer func() { _ = consumer.Close() }() // never an error
	for _, p := range r.partitions {
		p.recovered.Store(false)
	}
	pace := retry.Supervised()
	v, err := goka.NewView(r.o.Kafka.Brokers, goka.Table(r.o.Topic), raw{},
		goka.WithViewAutoReconnect(),
		goka.WithViewBackoffBuilder(func() (goka.Backoff, error) { return goka.NewSimpleBackoff(pace.Least, pace.Most), nil }),
		goka.WithViewBackoffResetTimeout(pace.Steady),
		goka.WithViewClientID(r.o.Kafka.ClientID),
		goka.WithViewLogger(logging{r.o.Logger}),
		goka.WithViewCallback(r.update),
		goka.WithViewStorageBuilder(func(_ string, partition int32) (storage.Storage, error) {
			return place{reader: r, partition: r.partitions[partition]}, nil
		}),
		goka.WithViewConsumerSaramaBuilder(func([]string, string) (sarama.Consumer, error) {
			return consumer, nil
		}),
		goka.WithViewTopicManagerBuilder(func([]string) (goka.TopicManager, error) {
			return topics{ctx: ctx, pool: r.o.Pool, reader: reader, partitions: r.o.Partitions}, nil
		}),
	)
	if err != nil {
		return fmt.Errorf("build a view of topic %s: %w", r.o.Topic, err)
	}
	r.hold(cancel)
	defer r.hold(nil)
	if err := v.Run(ctx); err != nil {
		return fmt.Errorf("view of topic %s: %w", r.o.Topic, err)
	}
	return context.Cause(ctx)
}

func (r *Reader) hold(restart func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restart = restart
}

// update is goka's callback for each record, in a goroutine of the partition.
func (r *Reader) update(ctx goka.UpdateContext, _ storage.Storage, key string, value []byte) error {
	headers := ctx.Headers()
	return r.take(Record{
		Partition: ctx.Partition(), Offset: ctx.Offset(), Key: key, Value: value,
		Stamp: headers[wire.StampName], Deletion: headers[wire.DeletionName], Whole: headers[wire.WholeName], Time: ctx.Timestamp(),
	})
}

// raw is goka's codec for values that nobody decodes.
type raw struct{}

func (raw) Encode(v any) ([]byte, error) { return v.([]byte), nil }
func (raw) Decode(b []byte) (any, error) { return b, nil }

// place is the storage that goka sees: it knows where to continue and holds no rows.
type place struct {
	reader    *Reader
	partition *partition
}

var errNoRows = errors.New("this storage holds positions only")

func (s place) GetOffset(none int64) (int64, error) {
	if next := s.partition.next.Load(); next > 0 {
		return next - 1, nil
	}
	return none, nil
}

func (s place) MarkRecovered() error {
	s.partition.recovered.Store(true)
	return nil
}

func (s place) SetOffset(int64) error               { return nil } // the reader has set it
func (s place) Open() error                         { return nil }
func (s place) Close() error                        { return nil }
func (s place) Has(string) (bool, error)            { return false, errNoRows }
func (s place) Get(string) ([]byte, error)          { return nil, errNoRows }
func (s place) Set(string, []byte) error            { return errNoRows }
func (s place) Delete(string) error                 { return errNoRows }
func (s place) Iterator() (storage.Iterator, error) { return nil, errNoRows }
func (s place) IteratorWithRange(_, _ []byte) (storage.Iterator, error) {
	return nil, errNoRows
}

// topics is goka's view of the cluster, over the clients that all tables share.
type topics struct {
	ctx        context.Context // of the view
	pool       *logread.Pool
	reader     *stream.Reader
	partitions int32
}

func (t topics) Partitions(topic string) ([]int32, error) {
	client, err := t.pool.Client()
	if err != nil {
		return nil, err
	}
	found, err := kafka.Describe(t.ctx, client, topic)
	if err != nil {
		return nil, fmt.Errorf("look for topic %s: %w", topic, err)
	}
	if found.Partitions != t.partitions {
		return nil, fmt.Errorf("partitions of topic %s: %d partitions, want %d", topic, found.Partitions, t.partitions)
	}
	out := make([]int32, found.Partitions)
	for i := range out {
		out[i] = int32(i)
	}
	return out, nil
}

func (t topics) GetOffset(topic string, partition int32, at int64) (int64, error) {
	return t.reader.GetOffset(topic, partition, at)
}

var errMade = errors.New("a view makes no topics")

func (topics) EnsureTableExists(string, int) error                         { return errMade }
func (topics) EnsureStreamExists(string, int) error                        { return errMade }
func (topics) EnsureTopicExists(string, int, int, map[string]string) error { return errMade }
func (topics) Close() error                                                { return nil }

// logging hands goka's lines on.
type logging struct{ logger *slog.Logger }

func (l logging) Print(v ...any)                 { l.say(fmt.Sprint(v...)) }
func (l logging) Println(v ...any)               { l.say(fmt.Sprint(v...)) }
func (l logging) Printf(format string, v ...any) { l.say(fmt.Sprintf(format, v...)) }

func (l logging) say(text string) {
	l.logger.Debug("goka", "message", text, "at", time.Now().UTC())
}
