package deadletter

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Metrics are counted over all partitions of the process.
type Metrics struct {
	Written prometheus.Counter     // records that were refused
	Results *prometheus.CounterVec // of requests, by what became of the dead letter
}

// Listener counts what happens to dead letters.
func (m Metrics) Listener() *events.Listener {
	return &events.Listener{
		DeadLetter:        func(events.DeadLetter) { m.Written.Inc() },
		DeadLetterSettled: func(e events.DeadLetterSettled) { m.Results.WithLabelValues(e.Result).Inc() },
	}
}

// NewMetrics makes those of a table.
func NewMetrics(of instrument.Table) Metrics {
	return Metrics{
		Written: of.Counter("tidemark_processor_dead_letters_total", "Records sent to the dead letters."),
		Results: of.Counters("tidemark_processor_dead_letter_requests_total", "Dead letters that were to be retried or dropped, by result.",
			"result", Applied, Older, Skipped, Dropped, Failed, Refused),
	}
}
