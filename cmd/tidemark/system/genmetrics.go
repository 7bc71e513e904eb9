package system

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/wire"
)

// generationMetrics tell of a table's generations, whichever is read.
type generationMetrics struct {
	switches, failures prometheus.Counter
}

func newGenerationMetrics(r prometheus.Registerer, l *lineage) (*generationMetrics, error) {
	labels := prometheus.Labels{"table": l.declared.Name}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	build := func(f func(wire.Bootstrap) int64) func() float64 {
		return func() float64 {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.building == nil {
				return 0
			}
			return float64(f(l.progress.Sum()))
		}
	}
	m := &generationMetrics{
		switches: counter("tidemark_generation_switches_total", "Times that readers were let see another generation."),
		failures: counter("tidemark_generation_failures_total", "Builds of a generation that were given up."),
	}
	for _, c := range []prometheus.Collector{
		m.switches, m.failures,
		gauge("tidemark_generation_served", "The generation that is read.",
			func() float64 { return float64(l.servedNow().table.Generation) }),
		gauge("tidemark_generation_building", "1 while a generation is being built.",
			func() float64 {
				l.mu.Lock()
				defer l.mu.Unlock()
				if l.building == nil {
					return 0
				}
				return 1
			}),
		gauge("tidemark_generation_build_records", "Records that there are to be read for the generation that is being built, of the old changelog and the source.",
			build(func(s wire.Bootstrap) int64 { _, total := seedRecords(s); return total })),
		gauge("tidemark_generation_build_done_records", "Records that were read for the generation that is being built.",
			build(func(s wire.Bootstrap) int64 { done, _ := seedRecords(s); return done })),
	} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("metrics of the generations of %s: %w", l.declared.Name, err)
		}
	}
	return m, nil
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
