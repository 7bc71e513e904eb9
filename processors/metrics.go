package processors

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/bootstrap"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/feed"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/keychange"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/truncate"
)

// metrics are a table's, over all its partitions of this process: those of the packages below, and of the partitions themselves.
type metrics struct {
	batches     batch.Metrics
	deadLetters deadletter.Metrics
	keyChanges  keychange.Metrics
	truncates   *events.Listener // counts them
	givenUp     prometheus.Counter
	folding     apply.Metrics
	reading     feed.Metrics
	skipped     intake.Skipped
	drifts      prometheus.Counter
	lost        prometheus.Counter
	filling     bootstrap.Metrics

	owned      prometheus.Gauge
	failures   prometheus.Counter
	refilled   prometheus.Counter
	unreadable prometheus.Counter
}

func newMetrics(of instrument.Table) *metrics {
	return &metrics{
		batches: batch.NewMetrics(of), deadLetters: deadletter.NewMetrics(of), keyChanges: keychange.NewMetrics(of),
		truncates: truncate.Counting(of), givenUp: outrun.NewCount(of),
		folding: apply.NewMetrics(of), reading: feed.NewMetrics(of), skipped: intake.NewSkipped(of), drifts: driftwatch.NewCount(of), filling: bootstrap.NewMetrics(of),

		owned:      of.Gauge("tidemark_processor_partitions", "Partitions owned by this process."),
		lost:       of.Counter("tidemark_processor_lost_records_total", "Records that the source topic no longer had when they were to be read."),
		failures:   of.Counter("tidemark_processor_failures_total", "Runs of a partition that ended with an error and were begun again."),
		refilled:   of.Counter("tidemark_processor_refills_total", "Partitions that were read again from the start of the source, because the changelog had lost records."),
		unreadable: of.Counter("tidemark_processor_unreadable_records_total", "Records of the table's own topics that were left out because they could not be read."),
	}
}

// listener counts what happens.
func (m *metrics) listener() *events.Listener {
	return events.Tee(m.batches.Listener(), m.deadLetters.Listener(), m.truncates, &events.Listener{
		RunRestarts:      func(events.RunRestarts) { m.failures.Inc() },
		ChangelogHole:    func(events.ChangelogHole) { m.refilled.Inc() },
		RecordUnreadable: func(events.RecordUnreadable) { m.unreadable.Inc() },
		RecordsLost:      func(e events.RecordsLost) { m.lost.Add(float64(e.Count)) },
		UncopiedLost:     func(e events.UncopiedLost) { m.lost.Add(float64(e.Start - e.Next)) },
		SchemaFound:      func(events.SchemaFound) { m.drifts.Inc() },
	})
}
