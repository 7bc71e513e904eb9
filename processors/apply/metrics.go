package apply

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Metrics are counted over all partitions of the process.
type Metrics struct {
	Verdicts []prometheus.Counter // by fold.Verdict
	Repaired prometheus.Counter
}

// NewMetrics makes those of a table.
func NewMetrics(of instrument.Table) Metrics {
	m := Metrics{
		Repaired: of.Counter("tidemark_processor_repaired_rows_total", "Rows written to the changelog again, behind a late record of another writer."),
	}
	changes := of.Counters("tidemark_processor_changes_total", "Changes folded into the table, by what was done with them.", "verdict")
	for _, v := range fold.Verdicts() {
		m.Verdicts = append(m.Verdicts, changes.WithLabelValues(v.String()))
	}
	return m
}
