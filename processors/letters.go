package processors

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// What becomes of a dead letter that is tried again, or dropped.
const (
	LetterApplied = "applied" // its row was written or removed
	LetterOlder   = "older"   // something newer of its key is known: nothing was written
	LetterSkipped = "skipped" // it is an event of no row
	LetterDropped = "dropped" // it was not wanted any more
	LetterFailed  = "failed"  // it still cannot be used; the error is the new one
	LetterRefused = "refused" // nothing proves that it is not outdated: replay the table
)

// settles reports whether a result ends a dead letter.
func settles(result string) bool { return result != LetterFailed && result != LetterRefused }

// letterResults lists the results.
func letterResults() []string {
	return []string{LetterApplied, LetterOlder, LetterSkipped, LetterDropped, LetterFailed, LetterRefused}
}

// letter is a dead letter that is being tried again.
type letter struct {
	offset  int64 // in the dead letters' topic
	request string
	from    int64         // the source offset from which every deletion is known
	settled *atomic.Int64 // how many of the request's letters are
	done    func(error)   // when the answer is written
}

// letters deals with a request about dead letters of this partition. The control
// record is done when every answer is written.
func (r *run) letters(c bus.Record, done bus.Done) error {
	q, err := wire.ParseDeadLetterRequest([]byte(c.Body))
	if err != nil {
		r.logger.Warn("request about dead letters skipped", "offset", c.At, "error", err)
		return done.Now()
	}
	var settled atomic.Int64
	all := rowwriter.NewAcks(func(err error) {
		r.controls.settle(c.At, settled.Load())
		done.When(err)
	})
	work := make([]*again, 0, len(q.Offsets))
	for _, o := range q.Offsets {
		work = append(work, &again{letter: &letter{offset: o, request: q.ID, settled: &settled, done: all.DeferCommit()}})
	}
	all.Close(nil)
	if q.Action == wire.DropDeadLetters {
		for _, a := range work {
			r.resolve(a, LetterDropped, "")
		}
		return nil
	}
	r.goBackground(func() {
		from, err := r.deletionsKnownFrom()
		for _, a := range work {
			if a.letter.from, a.err = from, err; err == nil {
				r.loadLetter(a)
			}
			r.bring(a)
		}
	})
	return nil
}

// loadLetter reads a dead letter as it once was in the source.
func (r *run) loadLetter(a *again) {
	ctx, cancel := context.WithTimeout(r.workCtx, rereadTimeout)
	defer cancel()
	rec, err := logread.One(ctx, r.admin, r.names.DeadLetters, r.partition, a.letter.offset)
	if err != nil {
		a.err = err
		return
	}
	d := parseLetter(rec)
	switch {
	case d.Resolves >= 0:
		a.err = errors.New("it is no dead letter")
	case r.stage != nil && d.KeyedOffset >= 0 && d.Omitted > 0:
		a.record, a.err = logread.One(ctx, r.admin, r.names.Keyed, r.partition, d.KeyedOffset)
	case r.stage != nil && d.KeyedOffset >= 0:
		a.record = d.placed(r.names.Keyed, rec)
	case d.Topic != r.sourceTopic || d.SourcePartition != r.partition:
		a.err = fmt.Errorf("%w: its record stands in topic %s, partition %d, and its place among the others in %s is not known",
			errOutdated, d.Topic, d.SourcePartition, r.sourceTopic)
	case d.Omitted > 0:
		a.record, a.err = logread.One(ctx, r.admin, d.Topic, d.SourcePartition, d.Offset)
	default:
		a.record = d.original(rec)
	}
}

// errOutdated is why a dead letter is refused.
var errOutdated = errors.New("it may be outdated; replay the table instead")

// retry folds a dead letter, unless something newer of its key is known, or may have
// been.
func (r *run) retry(a *again) error {
	e := a.entry
	switch {
	case errors.Is(a.err, errOutdated):
		r.resolve(a, LetterRefused, a.err.Error())
	case a.err != nil:
		r.resolve(a, LetterFailed, a.err.Error())
	case e.action == doNothing:
		r.resolve(a, LetterSkipped, "")
	case e.action == doTruncate:
		r.resolve(a, LetterRefused, "a truncate cannot be made up for; replay the table instead")
	case e.action == doDead:
		r.resolve(a, LetterFailed, e.field+": "+e.reason)
	default:
		return r.retryChange(a)
	}
	return nil
}

func (r *run) retryChange(a *again) error {
	c := &a.entry.change
	if c.Offset < r.truncates.Emptied() || r.truncates.Before(c) {
		r.resolve(a, LetterOlder, "")
		return nil
	}
	known := fold.Known{Deleted: fold.NoOffset}
	if err := r.lookUp(&known, c); err != nil {
		return err
	}
	if known.Place(c).Passes() {
		r.resolve(a, LetterOlder, "")
		return nil
	}
	if known.Row == nil && known.Deleted == fold.NoOffset && c.Offset < a.letter.from {
		r.resolve(a, LetterRefused, fmt.Sprintf("%v: its key has no row, and deletions before offset %d are not remembered", errOutdated, a.letter.from))
		return nil
	}
	return r.applyLetter(a, &known, c)
}

func (r *run) applyLetter(a *again, known *fold.Known, c *tables.Change) error {
	e := a.entry
	written := rowwriter.NewAcks(func(err error) {
		switch {
		case err != nil:
			a.letter.done(err)
		case e.action == doDead:
			r.resolve(a, LetterFailed, e.field+": "+e.reason)
		default:
			r.resolve(a, LetterApplied, "")
		}
	})
	_, err := r.fold(target{key: string(c.Key), acks: written, letter: true}, e, known)
	written.Close(err)
	return err
}

// deletionsKnownFrom is the source offset from which every deletion is known. It asks the
// brokers, once for each request.
func (r *run) deletionsKnownFrom() (int64, error) {
	began, err := r.generationFrom()
	if err != nil {
		return 0, err
	}
	kept, err := r.deletionsKeptFrom()
	return max(kept, began), err
}

// deletionsKeptFrom is the source offset from which every deletion is still known:
// they are kept by the time of their records, which does not quite rise with the offset.
func (r *run) deletionsKeptFrom() (int64, error) {
	at := r.opts.Clock().Add(-r.opts.KeepDeletions * 5 / 6)
	from, err := r.offsets.GetOffset(r.sourceTopic, r.partition, at.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("offset of %s/%d by time: %w", r.sourceTopic, r.partition, err)
	}
	if from < 0 {
		from = r.queue.watermark()
	}
	return from, nil
}

// generationFrom is the source offset from which this generation of the table has read:
// it knows of no deletion before.
func (r *run) generationFrom() (int64, error) {
	if r.opts.Table.Generation == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(r.workCtx, rereadTimeout)
	defer cancel()
	from := int64(0)
	err := logread.All(ctx, r.admin, r.names.Progress, func(rec *kgo.Record) error {
		if s, err := wire.ParseBootstrap(rec.Value); err == nil && wire.IsBootstrapKey(rec.Key) && s.Partition == r.partition {
			from = s.From
		}
		return nil
	})
	return from, err
}

// resolve writes what has become of a dead letter to the dead letters, where the one
// who asked waits for it.
func (r *run) resolve(a *again, result, reason string) {
	r.metrics.letters.WithLabelValues(result).Inc()
	if settles(result) {
		a.letter.settled.Add(1)
	}
	r.logger.Info("dead letter dealt with", "dead_letter", a.letter.offset, "result", result, "reason", reason)
	rec := kgo.Record{Topic: r.names.DeadLetters, Partition: r.partition, Timestamp: r.opts.Clock()}
	add := func(name, value string) {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	add(DeadResolves, strconv.FormatInt(a.letter.offset, 10))
	add(DeadResult, result)
	add(DeadRequest, a.letter.request)
	add(DeadTable, r.opts.Table.Name)
	add(DeadTime, strconv.FormatInt(r.opts.Clock().UnixMilli(), 10))
	if reason != "" {
		add(DeadError, reason)
	}
	if a.entry != nil && a.entry.field != "" {
		add(DeadField, a.entry.field)
	}
	r.later(func() { r.rows.Send(rec, a.letter.done) }, a.letter.done) // not on the goroutine of acknowledgements
}

// DeadLetter is a record of the dead letters' topic.
type DeadLetter struct {
	Partition int32 // of the dead letters' topic
	Place     int64 // its offset there
	Written   time.Time
	// Of the record as it was read from the source.
	Topic           string
	SourcePartition int32
	Offset          int64
	KeyedOffset     int64 // in the topic by decoded keys, in the dead letter's partition; -1 where there is no such topic
	Time            time.Time
	Field           string
	Error           string
	Omitted         int // bytes of a value that was left out, being too large: it is in the source topic only
	Key             []byte
	Value           []byte
	Headers         []codecs.Header // the record's own

	// Of an answer to a request, and of no dead letter:
	Resolves int64 // the dead letter that it is about, or -1
	Result   string
	Request  string
}

// parseLetter reads a record of the dead letters' topic.
func parseLetter(rec *kgo.Record) DeadLetter {
	d := DeadLetter{
		Partition: rec.Partition, Place: rec.Offset, Written: rec.Timestamp, Key: rec.Key, Value: rec.Value, Resolves: -1, KeyedOffset: -1,
	}
	number := func(b []byte) int64 {
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	for _, h := range rec.Headers {
		switch h.Key {
		case DeadError:
			d.Error = string(h.Value)
		case DeadField:
			d.Field = string(h.Value)
		case DeadTopic:
			d.Topic = string(h.Value)
		case DeadPartition:
			d.SourcePartition = int32(number(h.Value))
		case DeadOffset:
			d.Offset = number(h.Value)
		case DeadTime:
			d.Time = time.UnixMilli(number(h.Value)).UTC()
		case DeadOmitted:
			d.Omitted = int(number(h.Value))
		case DeadResolves:
			d.Resolves = number(h.Value)
		case DeadResult:
			d.Result = string(h.Value)
		case DeadRequest:
			d.Request = string(h.Value)
		case DeadKeyedOffset:
			d.KeyedOffset = number(h.Value)
		case DeadTable:
		default:
			d.Headers = append(d.Headers, codecs.Header{Name: h.Key, Value: h.Value})
		}
	}
	return d
}

// placed is the record of the topic by decoded keys.
func (d *DeadLetter) placed(topic string, rec *kgo.Record) *kgo.Record {
	o := d.original(rec)
	origin := wire.Origin{
		Partition: d.SourcePartition, Offset: d.Offset, Time: d.Time.UnixMilli(), Key: rec.Key,
	}
	o.Topic, o.Partition, o.Offset = topic, rec.Partition, d.KeyedOffset
	o.Headers = append(o.Headers, kgo.RecordHeader{Key: wire.OriginName, Value: wire.AppendOrigin(nil, origin)})
	return o
}

// original is the source's record.
func (d *DeadLetter) original(rec *kgo.Record) *kgo.Record {
	o := &kgo.Record{
		Topic: d.Topic, Partition: d.SourcePartition, Offset: d.Offset, Timestamp: d.Time, Key: rec.Key, Value: rec.Value,
	}
	for _, h := range d.Headers {
		o.Headers = append(o.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
	}
	return o
}
