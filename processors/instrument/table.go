package instrument

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Table registers the metrics of one table, over all its partitions of this process.
type Table struct{ r prometheus.Registerer }

// Of returns what registers the metrics of a table. Without a registerer they count all the same.
func Of(table string, r prometheus.Registerer) Table {
	if r == nil {
		r = prometheus.NewRegistry()
	}
	return Table{prometheus.WrapRegistererWith(prometheus.Labels{"table": table}, r)}
}

// Counter makes a counter.
func (t Table) Counter(name, help string) prometheus.Counter {
	return register(t.r, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
}

// Counters makes a counter for each value of a label. Those that are given are there before anything is counted.
func (t Table) Counters(name, help, label string, values ...string) *prometheus.CounterVec {
	all := register(t.r, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label}))
	for _, v := range values {
		all.WithLabelValues(v)
	}
	return all
}

// Gauge makes a gauge.
func (t Table) Gauge(name, help string) prometheus.Gauge {
	return register(t.r, prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help}))
}

// Gauges makes a gauge for each combination of labels.
func (t Table) Gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return register(t.r, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels))
}

// Histogram makes a histogram with these upper bounds.
func (t Table) Histogram(name, help string, buckets []float64) prometheus.Histogram {
	return register(t.r, prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}))
}

// register takes the collector that is registered already when there is one.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	var already prometheus.AlreadyRegisteredError
	if err := r.Register(c); errors.As(err, &already) {
		if old, ok := already.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}
