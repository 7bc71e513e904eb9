package seed

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Changelog reads what the old generation has. It is not safe for concurrent use: each
// partition has its own.
type Changelog struct {
	client *kgo.Client
	names  kafka.Names
	// Unreadable is called for records that are left out.
	Unreadable func(topic string, offset int64, why error)
}

// OpenChangelog opens a client for the topics of a generation.
func OpenChangelog(s kafka.Settings, t *tables.Table) (*Changelog, error) {
	client, err := s.Client()
	if err != nil {
		return nil, err
	}
	return &Changelog{client: client, names: s.Names(t), Unreadable: func(string, int64, error) {}}, nil
}

// Close ends the client's connections.
func (c *Changelog) Close() { c.client.Close() }

// Describe returns the changelog topic as it is now.
func (c *Changelog) Describe(ctx context.Context) (kafka.Topic, error) {
	return kafka.Describe(ctx, c.client, c.names.Table)
}

// Entry is one record of a changelog. Its slices are good until the next one.
type Entry struct {
	Offset int64
	Key    tables.Key
	Value  []byte // a state row; nil for a deletion
	// Written is when the record was written, microseconds since the epoch.
	Written int64
	Stamp   int64 // offset of the source record that it comes from; -1 without one

	headers []kgo.RecordHeader
}

// Header returns the value of the header with the name, or nil.
func (e *Entry) Header(name string) []byte {
	for _, h := range e.headers {
		if h.Key == name {
			return h.Value
		}
	}
	return nil
}

// Cut is what a partition of a changelog was read up to: every change before the source
// offset is in the changelog before the other.
type Cut struct {
	Changelog int64
	Source    int64
	// SourceID is the id of the topic that source offsets are of, zeros when no record has it.
	SourceID [16]byte
}

// fresh is how young the end of a changelog must be when it is reached. The cleaner
// leaves a record alone for kafka.CompactionLag: so it has not removed any that was
// still to be read because of one behind that end.
const fresh = kafka.CompactionLag / 2

// tellEach is the number of records between two reports of how far the reading is.
const tellEach = 1000

// Read calls fn with every record of a partition from an offset on, until its end, and
// reached now and then with the next offset and where the end was. It returns the cut
// that this makes. stamp is the highest that was seen before from.
func (c *Changelog) Read(ctx context.Context, partition int32, from, stamp int64, fn func(Entry) error, reached func(next, end int64)) (Cut, error) {
	cut, err := c.LastReported(ctx, partition)
	if err != nil {
		return Cut{}, err
	}
	for at := from; ; {
		looked := time.Now()
		s, err := spanOf(ctx, c.client, c.names.Table, partition)
		if err != nil {
			return Cut{}, err
		}
		s.From = max(s.From, at)
		reached(s.From, s.End)
		read := 0
		err = logread.Read(ctx, c.client, kafka.Topic{Name: c.names.Table}, partition, s, func(r *kgo.Record) error {
			if read++; read%tellEach == 0 {
				reached(r.Offset, s.End)
			}
			e, err := entryOf(r)
			if err == nil && len(r.Key) == 0 {
				err = fmt.Errorf("key is empty: %w", wire.ErrCorrupt)
			}
			if err != nil {
				c.Unreadable(r.Topic, r.Offset, err)
				return nil
			}
			stamp = max(stamp, e.Stamp)
			return fn(e)
		})
		if err != nil {
			return Cut{}, err
		}
		at = max(s.From, s.End)
		reached(at, at)
		if time.Since(looked) >= fresh {
			continue
		}
		if at < cut.Changelog { // the cut was of a changelog that was longer
			cut.Source = 0
		}
		cut.Changelog, cut.Source = at, max(cut.Source, stamp+1)
		return cut, nil
	}
}

func entryOf(r *kgo.Record) (Entry, error) {
	e := Entry{Offset: r.Offset, Key: tables.Key(r.Key), Value: r.Value, Written: r.Timestamp.UnixMicro(), Stamp: -1, headers: r.Headers}
	for _, h := range r.Headers {
		if h.Key != wire.StampName {
			continue
		}
		s, err := wire.ParseStamp(h.Value)
		if err != nil {
			return e, fmt.Errorf("%s/%d, offset %d: %w", r.Topic, r.Partition, r.Offset, err)
		}
		e.Stamp = s.Offset
	}
	return e, nil
}

// spanOf returns what a partition has now.
func spanOf(ctx context.Context, client *kgo.Client, topic string, partition int32) (logread.Span, error) {
	all, err := logread.Spans(ctx, client, topic)
	if err == nil && int(partition) >= len(all) {
		err = fmt.Errorf("topic %s has no partition %d", topic, partition)
	}
	if err != nil {
		return logread.Span{}, err
	}
	return all[partition], nil
}

// LastReported returns what the processor of a partition last reported of itself: a cut that the
// changelog has reached. It is zero when nothing was reported.
func (c *Changelog) LastReported(ctx context.Context, partition int32) (Cut, error) {
	topic, err := c.Describe(ctx)
	if err != nil {
		return Cut{}, err
	}
	var out Cut
	err = logread.All(ctx, c.client, c.names.Progress, func(r *kgo.Record) error {
		if wire.IsBootstrapKey(r.Key) {
			return nil
		}
		p, err := wire.ParseProgress(r.Value)
		if err != nil || p.Partition != partition {
			return nil //nolint:nilerr // the next one says as much
		}
		cut := Cut{Changelog: p.Changelog, Source: p.Source, SourceID: idIn(r, wire.SourceIDName)}
		if id := idIn(r, wire.ChangelogIDName); id == topic.ID || id == [16]byte{} {
			out = cut
		}
		return nil
	})
	if err != nil {
		return Cut{}, fmt.Errorf("read how far %s is: %w", c.names.Table, err)
	}
	return out, nil
}

// idIn returns the topic's id in a header, zeros when there is none.
func idIn(r *kgo.Record, header string) (id [16]byte) {
	for _, h := range r.Headers {
		if h.Key == header && len(h.Value) == len(id) {
			id = [16]byte(h.Value)
		}
	}
	return id
}
