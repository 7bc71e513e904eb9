package store

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/events"
)

type metrics struct {
	merges     *prometheus.CounterVec
	merge      prometheus.Histogram
	swap       prometheus.Histogram
	mismatches prometheus.Counter
}

func newMetrics(o Options, s *Store) (*metrics, error) {
	labels := prometheus.Labels{"table": o.Table.Name}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	m := &metrics{
		merges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_store_merges_total", Help: "Merges of the delta into the base.", ConstLabels: labels,
		}, []string{"kind"}),
		merge: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tidemark_store_merge_seconds", Help: "Time a merge takes in the background.", ConstLabels: labels,
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
		}),
		swap: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tidemark_store_swap_seconds", Help: "Time the writer waits for a merge's swap.", ConstLabels: labels,
			Buckets: prometheus.ExponentialBuckets(0.0001, 3, 9),
		}),
		mismatches: o.Mismatches,
	}
	collectors := []prometheus.Collector{
		m.merges, m.merge, m.swap,
		gauge("tidemark_store_rows", "Rows of the table.", func() float64 { return float64(s.current.Load().Rows) }),
		gauge("tidemark_store_delta_entries", "Entries of the delta.", func() float64 { return float64(s.current.Load().Count) }),
		gauge("tidemark_store_bytes", "Bytes of the table in memory.", func() float64 { return float64(s.Memory().Total()) }),
	}
	if m.mismatches == nil {
		m.mismatches = NewMismatches(o.Table.Name)
		collectors = append(collectors, m.mismatches)
	}
	for _, c := range collectors {
		if err := o.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("store of %s: %w", o.Table.Name, err)
		}
	}
	return m, nil
}

// listener counts what happens.
func (m *metrics) listener() *events.Listener {
	return &events.Listener{Merged: func(e events.Merged) {
		m.merges.WithLabelValues(e.Kind).Inc()
		m.merge.Observe(e.Took.Seconds())
	}}
}

// Memory says where a store's bytes are. Older versions that readers still hold
// are not in it.
type Memory struct {
	Base  int64 // columns and key index
	Dead  int64 // marks of superseded rows
	Delta int64 // columns and key index
}

// Total returns the sum.
func (m Memory) Total() int64 { return m.Base + m.Dead + m.Delta }

// Memory returns the bytes of the newest version.
func (s *Store) Memory() Memory {
	g := s.current.Load().Generation
	return Memory{Base: g.Base.Bytes(), Dead: g.Tombstones.Bytes.Load(), Delta: g.Delta.Memory()}
}

// NewMismatches returns the counter of batches that differ from their manifests. A table's
// stores come and go, and each that differs is given up: the count must outlive them.
func NewMismatches(table string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tidemark_store_checksum_mismatches_total", Help: "Batches that differed from their manifests.",
		ConstLabels: prometheus.Labels{"table": table},
	})
}
