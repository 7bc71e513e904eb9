package rollout

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/codecs/wire"
)

// tableMetrics report a table's generations, whichever is read.
type tableMetrics struct {
	switches, failures, columns prometheus.Counter
}

func newMetrics(r prometheus.Registerer, table string, s *seen) (*tableMetrics, error) {
	labels := prometheus.Labels{"table": table}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	build := func(f func(wire.Bootstrap) int64) func() float64 {
		return func() float64 {
			g, progress := s.build()
			if g == nil {
				return 0
			}
			return float64(f(progress.Sum()))
		}
	}
	m := &tableMetrics{
		switches: counter("tidemark_generation_switches_total", "Times that readers were let see another generation."),
		failures: counter("tidemark_generation_failures_total", "Builds of a generation that were given up."),
		columns:  counter("tidemark_generation_columns_taken_total", "Columns that this process took from the schema of the records."),
	}
	for _, each := range []prometheus.Collector{
		m.switches, m.failures, m.columns,
		gauge("tidemark_generation_served", "The generation that is read.",
			func() float64 { return float64(s.current().table.Generation) }),
		gauge("tidemark_generation_building", "1 while a generation is being built.",
			func() float64 {
				g, _ := s.build()
				return oneIf(g != nil)
			}),
		gauge("tidemark_generation_build_records", "Records that there are to be read for the generation that is being built, of the old changelog and the source.",
			build(func(b wire.Bootstrap) int64 { _, total := seedRecords(b); return total })),
		gauge("tidemark_generation_build_done_records", "Records that were read for the generation that is being built.",
			build(func(b wire.Bootstrap) int64 { done, _ := seedRecords(b); return done })),
	} {
		if err := r.Register(each); err != nil {
			return nil, fmt.Errorf("metrics of the generations of %s: %w", table, err)
		}
	}
	return m, nil
}

// listener counts what happens.
func (m *tableMetrics) listener() *events.Listener {
	return &events.Listener{
		GenerationShown:   func(events.GenerationShown) { m.switches.Inc() },
		GenerationGivenUp: func(events.GenerationGivenUp) { m.failures.Inc() },
		ColumnsTaken:      func(e events.ColumnsTaken) { m.columns.Add(float64(len(e.Columns))) },
	}
}

// seedRecords counts the records that a filling has read, and those that it must.
func seedRecords(s wire.Bootstrap) (done, total int64) {
	source := max(0, s.Until-s.From)
	total = s.ReadEnd + source
	done = s.Read + min(max(0, s.Source-s.From), source)
	if s.Live() {
		done = total
	}
	return done, total
}
