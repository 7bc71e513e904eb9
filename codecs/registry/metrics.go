package registry

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcomes of a request for a schema.
const (
	outcomeFound   = "found"
	outcomeUnknown = "unknown"
	outcomeAway    = "away"
)

type metrics struct {
	requests *prometheus.CounterVec
	up       prometheus.Gauge
	schemas  prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_registry_requests_total",
			Help: "Schemas asked of the schema registry, by outcome: found, unknown (none, or none that can be read), away.",
		}, []string{"outcome"})),
		up: register(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidemark_registry_up", Help: "Whether the schema registry answered when it was asked last: 1 or 0.",
		})),
		schemas: register(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidemark_registry_schemas", Help: "Schemas kept in memory.",
		})),
	}
	for _, outcome := range []string{outcomeFound, outcomeUnknown, outcomeAway} {
		m.requests.WithLabelValues(outcome)
	}
	m.up.Set(1)
	return m
}

// register takes the collector that is registered already, when there is one.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	var already prometheus.AlreadyRegisteredError
	if err := r.Register(c); errors.As(err, &already) {
		if old, ok := already.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}
