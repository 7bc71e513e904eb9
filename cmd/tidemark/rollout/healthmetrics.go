package rollout

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/tables"
)

// healthMetrics say how well a table is. The labels are those of closed lists.
type healthMetrics struct {
	health                          func() tables.Health
	state, reason                   *prometheus.Desc
	deadLetters, skipped, unsettled *prometheus.Desc
}

func newHealthMetrics(r prometheus.Registerer, table string, health func() tables.Health) error {
	labels := prometheus.Labels{"table": table}
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, more, labels)
	}
	m := &healthMetrics{
		health:      health,
		state:       desc("tidemark_table_state", "1 for the state that the table is in: ok, degraded or stopped.", "state"),
		reason:      desc("tidemark_table_reason", "1 for each reason why the table is not ok.", "reason"),
		deadLetters: desc("tidemark_table_dead_letters", "Records that were set aside and neither retried nor dropped, about."),
		skipped:     desc("tidemark_table_skipped_records", "Records of the source that concern no row, about."),
		unsettled:   desc("tidemark_table_unsettled_keys", "Keys of which it cannot be said what is their newest event."),
	}
	if err := r.Register(m); err != nil {
		return fmt.Errorf("metrics of the health of %s: %w", table, err)
	}
	return nil
}

// Describe implements prometheus.Collector.
func (m *healthMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.state, m.reason, m.deadLetters, m.skipped, m.unsettled} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *healthMetrics) Collect(out chan<- prometheus.Metric) {
	h := m.health()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, s := range tables.HealthStates() {
		gauge(m.state, oneIf(h.State() == s), string(s))
	}
	for _, r := range tables.Reasons() {
		gauge(m.reason, oneIf(h.Has(r)), string(r))
	}
	gauge(m.deadLetters, float64(h.DeadLetters))
	gauge(m.skipped, float64(h.Skipped))
	gauge(m.unsettled, float64(h.Unsettled))
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
