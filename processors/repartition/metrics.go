package repartition

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
)

// metrics are a table's, over all partitions of this process.
type metrics struct {
	records, changes, transactions, failures prometheus.Counter
}

func newMetrics(of instrument.Table) *metrics {
	return &metrics{
		records:      of.Counter("tidemark_rekey_records_total", "Records of the source topic that were repartitioned by their keys."),
		changes:      of.Counter("tidemark_rekey_changes_total", "Changes written to the topic by keys: a record may hold several, or none."),
		transactions: of.Counter("tidemark_rekey_transactions_total", "Transactions committed to the topic by keys."),
		failures:     of.Counter("tidemark_rekey_failures_total", "Times that repartitioning a partition failed and was started again."),
	}
}

// listener counts what happens.
func (m *metrics) listener() *events.Listener {
	return &events.Listener{RepartitioningRestarts: func(events.RepartitioningRestarts) { m.failures.Inc() }}
}
