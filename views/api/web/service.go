package web

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/api/guard"
	"github.com/tidemark/tidemark/views/events"
)

// Slowest is how long an answer that is there may take to be written.
const Slowest = 30 * time.Second

// Options are the limits and the surroundings that all routes have in common. None has a
// default here.
type Options struct {
	Origins    guard.Origins // of pages that may read answers
	Loopback   bool          // only this machine is served, by its names
	MaxBody    int64         // bytes of a request's body
	MaxURL     int           // bytes of a request's URL
	Stall      time.Duration // how long one write of an answer may take
	Scans      int           // heavy reads that work at once
	Queue      int           // heavy reads that wait for their turn
	QueueTime  time.Duration // how long one waits
	Events     *events.Listener
	Registerer prometheus.Registerer
	Clock      func() time.Time
}

// Service is what routes have in common. It is safe for concurrent use.
type Service struct {
	Options
	gate    *guard.Gate
	metrics *metrics
}

// New returns a service, and registers its metrics.
func New(o Options) (*Service, error) {
	s := &Service{Options: o, gate: guard.NewGate(o.Scans, o.Queue, o.QueueTime)}
	var err error
	if s.metrics, err = newMetrics(o.Registerer, s.gate); err != nil {
		return nil, fmt.Errorf("register the metrics of the API: %w", err)
	}
	return s, nil
}
