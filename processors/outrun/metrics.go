package outrun

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/instrument"
)

// NewCount makes the counter of a table's rows that are given up.
func NewCount(of instrument.Table) prometheus.Counter {
	return of.Counter("tidemark_processor_given_up_rows_total", "Rows given up because another partition has a later change of their key.")
}
