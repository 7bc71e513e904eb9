package keychange

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/processors/instrument"
)

// What became of the values that an insert lacked.
const (
	Filled     = "filled"      // the old key's partition had them
	None       = "unavailable" // no partition had them
	Late       = "late"        // not every partition answered in time
	FilledLate = "filled_late" // they came all the same
)

// What became of other partitions' requests.
const (
	Granted  = "granted"        // the before-image was sent
	NoRow    = "no_row"         // the deletion found no row
	Declined = "declined"       // there is no deletion, for all that was read
	Crowded  = "declined_early" // too many were open to wait for the deletion
)

// Metrics are counted over all partitions of the process.
type Metrics struct {
	Inserts *prometheus.CounterVec // by what became of the values that they lacked
	Answers *prometheus.CounterVec // by what became of the request
}

// NewMetrics makes those of a table.
func NewMetrics(of instrument.Table) Metrics {
	return Metrics{
		Inserts: of.Counters("tidemark_processor_moved_rows_total", "Rows that went on under another key in another partition and lacked values, by what became of those.",
			"result", Filled, None, Late, FilledLate),
		Answers: of.Counters("tidemark_processor_image_questions_total", "Questions of other partitions for a row under its last key, by the answer.",
			"result", Granted, NoRow, Declined, Crowded),
	}
}
