package processors

import (
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/tables"
)

// lifeSign is how often progress is written while nothing moves.
const lifeSign = time.Second

// progressMark is what was last written to the progress topic.
type progressMark struct {
	mu        sync.Mutex
	source    int64
	changelog int64
	seen      tables.SourcePosition
	written   time.Time
	mending   stretch
}

// stretch is of source offsets that a run reads again while its state is ahead of the
// changelog: what the state has newer is not written, so that before the end of the
// stretch the changelog has the rows of no offset in it. Nobody is told of one, and none is
// committed: whoever takes over begins at the beginning again.
type stretch struct{ from, until int64 }

// told returns what may be told of an offset.
func (s stretch) told(source int64) int64 {
	if source > s.from && source < s.until {
		return s.from
	}
	return source
}

// mend notes that offsets before until are read again.
func (c *claim) mend(until int64) (mending bool) {
	from := c.queue.Watermark()
	c.progress.mu.Lock()
	defer c.progress.mu.Unlock()
	if before := c.progress.mending; before.told(from) != from {
		from = before.from
	}
	c.progress.mending = stretch{from, until}
	return from < until
}

// told returns how far the partition is, in the source topic and, where that is known, in
// the source's log, to be told to others.
func (c *claim) told() (int64, tables.SourcePosition) {
	source, seen := c.queue.Standing()
	c.progress.mu.Lock()
	defer c.progress.mu.Unlock()
	if told := c.progress.mending.told(source); told != source {
		return told, tables.SourcePosition{}
	}
	return source, seen
}

// writeProgress writes how far the partition is, unless the changelog says it
// already: the newest record's stamp implies everything before it. What moves
// without a changelog record, such as a skipped event, must be told.
func (c *claim) writeProgress(rows *rowwriter.Writer, now time.Time) {
	source, seen := c.told()
	changelog, stamped := rows.Progress()
	c.status.reached(c.partition, source, changelog)
	c.progress.mu.Lock()
	moved := source > max(c.progress.source, stamped+1)
	due := now.Sub(c.progress.written) >= lifeSign
	if moved || due {
		c.progress.source, c.progress.changelog, c.progress.seen, c.progress.written = source, changelog, seen, now
	}
	c.progress.mu.Unlock()
	if !moved && !due {
		return
	}
	p := wire.Progress{
		Partition: c.partition, Source: source, Changelog: changelog,
		Clock: now.UnixMicro(), Generation: c.assignment.Generation(), Position: seen,
	}
	c.sendProgress(p)
}

// sendProgress writes a progress record, and with it how well the partition is.
func (c *claim) sendProgress(p wire.Progress) {
	rec := kgo.Record{
		Topic: c.names.Progress, Key: wire.AppendProgressKey(nil, c.partition), Value: wire.AppendProgress(nil, p),
		Headers: []kgo.RecordHeader{{Key: wire.SourceIDName, Value: c.sourceID[:]}, {Key: wire.ChangelogIDName, Value: c.changelogID[:]}},
	}
	if told, known := c.toldHealth(); known {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.HealthName, Value: wire.AppendHealth(nil, &told)})
	}
	c.writer.Send(&rec, func(_ *kgo.Record, err error) {
		if err != nil {
			c.logger.Debug("progress not written", "error", err) // the next one says as much
		}
	})
}
