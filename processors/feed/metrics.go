package feed

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/instrument"
)

// Metrics are counted over all partitions of the process.
type Metrics struct {
	waiting prometheus.Gauge // partitions whose feed waits
}

// NewMetrics makes those of a table.
func NewMetrics(of instrument.Table) Metrics {
	return Metrics{
		waiting: of.Gauge("tidemark_processor_waiting_partitions", "Partitions that wait for something outside, such as the schema registry."),
	}
}
