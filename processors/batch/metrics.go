package batch

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Metrics are counted over all partitions of the process.
type Metrics struct {
	Failures prometheus.Counter  // attempts that failed
	Seconds  prometheus.Observer // from a cut to its manifest
}

// Listener counts what happens to batches.
func (m Metrics) Listener() *events.Listener {
	return &events.Listener{
		BatchNotEmitted: func(events.BatchNotEmitted) { m.Failures.Inc() },
		BatchEmitted:    func(e events.BatchEmitted) { m.Seconds.Observe(e.Took.Seconds()) },
	}
}

// NewMetrics makes those of a table.
func NewMetrics(of instrument.Table) Metrics {
	return Metrics{
		Failures: of.Counter("tidemark_processor_batch_failures_total", "Attempts at a partition's batch that failed and were made again."),
		Seconds: of.Histogram("tidemark_processor_batch_seconds", "Time from the cut of a partition's batch to its manifest, in seconds.",
			prometheus.ExponentialBuckets(0.01, 4, 8)),
	}
}
