package processors

import (
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
)

// lifeSign is how often progress is written while nothing moves.
const lifeSign = time.Second

// progressMark is what was last written to the progress topic.
type progressMark struct {
	mu        sync.Mutex
	source    int64
	changelog int64
	written   time.Time
}

// writeProgress writes how far the partition is, unless the changelog says it
// already: the newest record's stamp implies everything before it. What moves
// without a changelog record, such as a skipped event, must be told.
func (c *claim) writeProgress(log *changelog, now time.Time) {
	source := c.queue.watermark()
	changelog, stamped := log.progress()
	c.status.reached(c.partition, source, changelog)
	c.progress.mu.Lock()
	moved := source > max(c.progress.source, stamped+1)
	due := now.Sub(c.progress.written) >= lifeSign
	seen := c.seen
	if moved || due {
		c.progress.source, c.progress.changelog, c.progress.written = source, changelog, now
	}
	c.progress.mu.Unlock()
	if !moved && !due {
		return
	}
	p := codecs.Progress{
		Partition: c.partition, Source: source, Changelog: changelog,
		Clock: now.UnixMicro(), Generation: c.generation(), Position: seen,
	}
	c.sendProgress(p)
}

// sendProgress writes a progress record, and with it how well the partition is.
func (c *claim) sendProgress(p codecs.Progress) {
	rec := kgo.Record{
		Topic: c.names.Progress, Key: codecs.AppendProgressKey(nil, c.partition), Value: codecs.AppendProgress(nil, p),
		Headers: []kgo.RecordHeader{{Key: sourceName, Value: c.sourceID[:]}, {Key: changelogName, Value: c.changelogID[:]}},
	}
	if told, known := c.toldHealth(); known {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: codecs.HealthName, Value: codecs.AppendHealth(nil, &told)})
	}
	c.writer.send(&outgoing{rec: rec}, func(_ int64, err error) {
		if err != nil {
			c.logger.Debug("progress not written", "error", err) // the next one says as much
		}
	})
}
