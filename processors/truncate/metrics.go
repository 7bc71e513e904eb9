package truncate

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/instrument"
)

// NewCount makes the counter of a table's truncates.
func NewCount(of instrument.Table) prometheus.Counter {
	return of.Counter("tidemark_processor_truncates_total", "Truncates read from the source topic.")
}
