package progress

import (
	"bytes"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/tables"
)

// LifeSign is how soon is written what moves with records of the changelog, and how well the partition is.
const LifeSign = time.Second

// AtRest is how often progress is written while nothing changes. Nobody counts the time since the last record: it is
// written again so that a reader which reads a bounded number of records back meets every partition.
const AtRest = 10 * time.Second

// Reporter reports how far a partition is. Its methods may be called by any goroutine, but for Commit, Restart and Report,
// which one goroutine at a time calls.
type Reporter struct {
	o         Options
	committed int64

	mu        sync.Mutex
	source    int64
	changelog int64
	seen      tables.SourcePosition
	written   time.Time
	last      []byte // what was written, but for the clock; nil when that failed
	says      []byte // room for the next
	mending   stretch
}

// New returns a reporter that has reported nothing yet.
func New(o Options) *Reporter { return &Reporter{o: o, committed: o.From} }

// Mend notes that offsets before until are read again, from the low watermark on. It reports whether there are any.
func (r *Reporter) Mend(until int64) (mending bool) {
	from, _ := r.o.Queue.LowWatermark()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mending = r.mending.again(from, until)
	return from < until
}

// applied returns the applied position of the partition, in the source topic and, where that is known, in
// the source's log, as it is reported to others.
func (r *Reporter) applied() (int64, tables.SourcePosition) {
	source, seen := r.o.Queue.LowWatermark()
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.mending.reportable(source); at != source {
		return at, tables.SourcePosition{}
	}
	return source, seen
}

// Commit commits to the group how far the partition is done.
func (r *Reporter) Commit() {
	if low, _ := r.applied(); low != r.committed {
		r.committed = low
		r.o.Group.Mark(low)
	}
}

// Restart notes that the group's offset was reset to the start.
func (r *Reporter) Restart() { r.committed = 0 }

// Report writes how far the partition is, unless the changelog says it
// already: the newest record's stamp implies everything before it. What moves
// without a changelog record, such as a skipped event, must be reported.
func (r *Reporter) Report(rows Rows) {
	source, seen := r.applied()
	changelog, stamped := rows.Progress()
	r.o.Reached(source, changelog)
	now := r.o.Clock()
	r.mu.Lock()
	moved := source > max(r.source, stamped+1)
	due := now.Sub(r.written) >= LifeSign
	rested := now.Sub(r.written) >= AtRest
	if moved || due {
		r.source, r.changelog, r.seen = source, changelog, seen
	}
	r.mu.Unlock()
	if moved || due {
		r.send(now, moved || rested)
	}
}

// Repeat writes the last report once more, where it is new or the pause was long enough.
func (r *Reporter) Repeat() {
	now := r.o.Clock()
	r.mu.Lock()
	rested := now.Sub(r.written) >= AtRest
	r.mu.Unlock()
	r.send(now, rested)
}

// send writes a progress record, and with it how well the partition is, unless the last one said the same.
func (r *Reporter) send(now time.Time, anyway bool) {
	report, known := r.health(now)
	r.mu.Lock()
	p := wire.Progress{
		Partition: r.o.Partition, Source: r.source, Changelog: r.changelog, Generation: r.o.Group.Generation(), Position: r.seen,
	}
	says := wire.AppendProgress(r.says[:0], p)
	if known {
		says = wire.AppendHealth(says, &report)
	}
	same := bytes.Equal(says, r.last)
	r.says, r.last = r.last, says
	if same && !anyway {
		r.mu.Unlock()
		return
	}
	r.written = now
	r.mu.Unlock()
	p.Clock = now.UnixMicro()
	rec := kgo.Record{
		Topic: r.o.Topic, Key: wire.AppendProgressKey(nil, p.Partition), Value: wire.AppendProgress(nil, p),
		Headers: []kgo.RecordHeader{{Key: wire.SourceIDName, Value: r.o.SourceID[:]}, {Key: wire.ChangelogIDName, Value: r.o.ChangelogID[:]}},
	}
	if known {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.HealthName, Value: wire.AppendHealth(nil, &report)})
	}
	r.o.Producer.Send(&rec, func(_ *kgo.Record, err error) {
		if err != nil {
			r.o.Events.ProgressNotWritten(events.ProgressNotWritten{Err: err})
			r.forget() // the next one says as much
		}
	})
}

// forget has the next report that is due written, whatever it says.
func (r *Reporter) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = nil
}

// health is what is reported of the partition now, once what was counted before is known.
func (r *Reporter) health(now time.Time) (report wire.Health, known bool) {
	next := r.o.Queue.ReadNext()
	r.o.Health.Listen(next, now)
	if low, _ := r.o.Queue.LowWatermark(); next == low {
		r.o.Health.TakeBest()
	}
	report = r.o.Health.Health()
	if r.o.Table != nil {
		report.Troubles = append(report.Troubles, r.o.Table.Health().Troubles...)
	}
	r.o.Healthy(report)
	return report, r.o.Health.Known()
}
