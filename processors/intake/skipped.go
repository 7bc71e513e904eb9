package intake

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/processors/instrument"
)

// otherReason is the label of what a decoder gives no known reason for.
const otherReason = "other"

// reasons bounds the labels of skipped events, whatever a decoder says.
func reasons() []string {
	return []string{
		cdc.SkipHeartbeat, cdc.SkipTransaction, cdc.SkipSchemaChange, cdc.SkipMessage,
		cdc.SkipNotification, cdc.SkipSignal, cdc.SkipUnknownOp, cdc.SkipNoRow, cdc.SkipTombstone, cdc.SkipBootstrap,
		cdc.SkipOtherTable, otherReason,
	}
}

// Skipped counts the events of a table that concern no row.
type Skipped struct{ byReason *prometheus.CounterVec }

// NewSkipped makes the counters of a table.
func NewSkipped(of instrument.Table) Skipped {
	return Skipped{of.Counters("tidemark_processor_skipped_total", "Events of the source topic that concern no row, by reason.", "reason")}
}

// Count counts an event.
func (s Skipped) Count(reason string) {
	if !slices.Contains(reasons(), reason) {
		reason = otherReason
	}
	s.byReason.WithLabelValues(reason).Inc()
}
