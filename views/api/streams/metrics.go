package streams

import "github.com/prometheus/client_golang/prometheus"

// metrics counts streams, and what is sent to them.
type metrics struct {
	streams prometheus.Gauge
	events  map[string]prometheus.Counter // by what happened
	resets  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		events: map[string]prometheus.Counter{},
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidemark_http_change_streams", Help: "Streams of changes that are open.",
		}),
		resets: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tidemark_http_change_resets_total", Help: "Times that a stream of changes had to start over.",
		}),
	}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tidemark_http_change_events_total", Help: "Events sent to streams of changes, by what happened.",
	}, []string{"event"})
	for _, kind := range []string{"enter", "update", "leave"} {
		m.events[kind] = events.WithLabelValues(kind)
	}
	for _, c := range []prometheus.Collector{m.streams, events, m.resets} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
