package web

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/api/guard"
)

// metrics counts the requests. The labels are bounded: routes, three methods, and
// the codes that this package writes.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer, g *guard.Gate) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_http_requests_total", Help: "Requests answered, by route, method and status code; 499: the client went away first.",
		}, []string{"route", "method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tidemark_http_request_duration_seconds", Help: "Time from a request's headers to the last byte of its answer, in seconds.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 30},
		}, []string{"route"}),
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tidemark_http_heavy_reads_waiting", Help: "Reads of many rows that wait for their turn.",
	}, func() float64 { return float64(g.Load()) })
	turnedAway := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "tidemark_http_heavy_reads_refused_total", Help: "Reads of many rows that were refused at once, because the queue was full.",
	}, func() float64 { return float64(g.TurnedAway()) })
	for _, c := range []prometheus.Collector{m.requests, m.duration, waiting, turnedAway} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observer counts the requests of one route. The commonest outcome has its counter at hand.
type observer struct {
	m        *metrics
	route    string
	duration prometheus.Observer
	good     *atomic.Pointer[prometheus.Counter] // GET, 200
}

func (m *metrics) of(name string) observer {
	return observer{m: m, route: name, duration: m.duration.WithLabelValues(name), good: &atomic.Pointer[prometheus.Counter]{}}
}

func (o *observer) observe(method string, status int, took time.Duration) {
	o.duration.Observe(took.Seconds())
	if status == 200 && method == "GET" {
		if c := o.good.Load(); c != nil {
			(*c).Inc()
			return
		}
		c := o.m.requests.WithLabelValues(o.route, method, "200")
		o.good.Store(&c)
		c.Inc()
		return
	}
	switch method {
	case "GET", "HEAD", "POST", "OPTIONS":
	default:
		method = "other"
	}
	o.m.requests.WithLabelValues(o.route, method, strconv.Itoa(status)).Inc()
}
