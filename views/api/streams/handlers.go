package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/api/live"
)

// Options are what the handlers work with. None has a default here.
type Options struct {
	Tables     *live.Tables
	Stopping   context.Context // ends streams, which would continue as long as their clients do
	Stall      time.Duration   // how long one write may take before the client counts as gone
	Registerer prometheus.Registerer
}

// Handlers answer those who follow tables.
type Handlers struct {
	Options
	metrics *metrics
	writers writers
}

// New returns the handlers, and registers their metrics.
func New(o Options) (*Handlers, error) {
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("register the metrics of streams: %w", err)
	}
	return &Handlers{Options: o, metrics: m}, nil
}
