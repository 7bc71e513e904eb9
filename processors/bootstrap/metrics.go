package bootstrap

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Metrics show how far the filling of each partition is.
type Metrics struct{ rows, phase *prometheus.GaugeVec }

// NewMetrics makes the metrics of a table.
func NewMetrics(of instrument.Table) Metrics {
	return Metrics{
		rows: of.Gauges("tidemark_processor_seed_rows",
			"Rows of an older generation that a generation was filled from, by what became of them, of the partitions of this process.", "partition", "outcome"),
		phase: of.Gauges("tidemark_processor_seed_phase",
			"What the filling of a partition of a generation is doing: 1 seeding, 2 replaying, 3 adopting, 4 live.", "partition"),
	}
}

// show takes how far the filling of a partition is.
func (m *Metrics) show(s wire.Bootstrap) {
	p := strconv.Itoa(int(s.Partition))
	m.phase.WithLabelValues(p).Set(float64(s.Phase))
	m.rows.WithLabelValues(p, "carried").Set(float64(s.Carried))
	m.rows.WithLabelValues(p, "adopted").Set(float64(s.Adopted))
	m.rows.WithLabelValues(p, "swept").Set(float64(s.Swept))
}
