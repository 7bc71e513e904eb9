package gokaglue

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"log/slog"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
	"github.com/lovoo/goka/storage"

	"github.com/tidemark/tidemark/processors/events"
)

// Options of a run.
type Options struct {
	Group      string
	Partition  int32
	Partitions int32
	// The topics. The messages of the first two come through Messages, in the order in which they are processed.
	Source, Control, Changelog string
	Messages                   <-chan *sarama.ConsumerMessage

	// Open opens the local state, and Closing is called before it is closed.
	Open    func() (State, error)
	Closing func()

	// Recover takes a record of the changelog that the state does not have.
	Recover func(Record) error
	// EndsAt is called with the changelog's end that recovery reads up to.
	EndsAt func(end int64)
	// Recovered is called when the table is recovered, before the first message.
	Recovered func() error
	// OnSource and OnControl process a message. Their error ends the run.
	OnSource  func(Message) error
	OnControl func(m Message, value []byte) error
	// Commit is called when a message is done, with the next offset of its topic.
	Commit func(topic string, next int64)

	Offsets  Offsets         // asks for offsets
	Recovery sarama.Consumer // reads the changelog; it is not closed
	// Left reports whether the changelog has anything to deliver between two offsets.
	Left   func(ctx context.Context, from, end int64) (bool, error)
	Events *events.Listener
	Logger *slog.Logger // of goka's own lines
}

// partitionChannel is the number of messages between goka's feeding and its
// processing goroutine: enough for neither to wait on every message.
const partitionChannel = 1000

// Run recovers the table and processes messages until the context is over or something
// fails.
func Run(ctx context.Context, o Options) error {
	ctx, over := context.WithCancel(ctx)
	watch := newRecovery(ctx, &o)
	defer watch.join()
	defer over()
	c := callbacks{&o, watch}
	graph := goka.DefineGroup(goka.Group(o.Group),
		goka.Input(goka.Stream(o.Source), rawCodec{}, c.source),
		goka.Input(goka.Stream(o.Control), rawCodec{}, c.control),
		goka.Persist(rawCodec{}),
	)
	group := &soloGroup{
		topics: []string{o.Source, o.Control}, partition: o.Partition, messages: o.Messages, commit: o.Commit,
		recovered: func() error {
			watch.end()
			return o.Recovered()
		},
	}
	topics := &topicManager{client: o.Offsets, partitions: map[string]int32{
		o.Source: o.Partitions, o.Control: o.Partitions, o.Changelog: o.Partitions,
	}, ends: c.ends}
	p, err := goka.NewProcessor(nil, graph,
		goka.WithNilHandling(goka.NilProcess), // the default drops deletions
		goka.WithUpdateCallback(c.recover),
		goka.WithPartitionChannelSize(partitionChannel),
		goka.WithLogger(logger{o.Logger}),
		goka.WithStorageBuilder(func(string, int32) (storage.Storage, error) { return &stateStorage{opts: &o}, nil }),
		goka.WithTopicManagerBuilder(func([]string) (goka.TopicManager, error) { return topics, nil }),
		goka.WithConsumerGroupBuilder(func([]string, string, string) (sarama.ConsumerGroup, error) { return group, nil }),
		goka.WithConsumerSaramaBuilder(func([]string, string) (sarama.Consumer, error) { return watch, nil }),
		goka.WithProducerBuilder(func([]string, string, func() hash.Hash32) (goka.Producer, error) { return noProducer{}, nil }),
	)
	if err != nil {
		return fmt.Errorf("set up the partition's processor: %w", err)
	}
	return p.Run(ctx)
}

var errOver = errors.New("the run is over")

type logger struct{ logger *slog.Logger }

// Print implements goka.Logger.
func (l logger) Print(args ...any) { l.logger.Debug("goka", "message", fmt.Sprint(args...)) }

// Println implements goka.Logger.
func (l logger) Println(args ...any) { l.logger.Debug("goka", "message", fmt.Sprintln(args...)) }

// Printf implements goka.Logger.
func (l logger) Printf(format string, args ...any) {
	l.logger.Debug("goka", "message", fmt.Sprintf(format, args...))
}
