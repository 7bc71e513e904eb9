package truncate

import (
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/instrument"
)

// Counting makes the counter of a table's truncates, and returns what counts with it. Where
// records are repartitioned each partition meets a truncate, and one of them counts.
func Counting(of instrument.Table) *events.Listener {
	count := of.Counter("tidemark_processor_truncates_total", "Truncates read from the source topic.")
	return &events.Listener{
		TableTruncated: func(events.TableTruncated) { count.Inc() },
		TableTruncatedRepartitioned: func(e events.TableTruncatedRepartitioned) {
			if e.Partition == 0 {
				count.Inc()
			}
		},
	}
}
