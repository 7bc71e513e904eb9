package metrics

import (
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Deferred keeps the collectors of a store that readers do not see yet: two stores of
// one table have the same names, and one of them is registered at a time.
type Deferred struct {
	mu  sync.Mutex
	all []prometheus.Collector
}

// Register implements prometheus.Registerer.
func (d *Deferred) Register(c prometheus.Collector) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (d *Deferred) MustRegister(cs ...prometheus.Collector) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, cs...)
}

// Unregister implements prometheus.Registerer.
func (d *Deferred) Unregister(prometheus.Collector) bool { return false }

// Show registers what is kept.
func (d *Deferred) Show(r prometheus.Registerer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.all {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("metrics of the store: %w", err)
		}
	}
	return nil
}

// Hide takes out again what Show has registered.
func (d *Deferred) Hide(r prometheus.Registerer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.all {
		r.Unregister(c)
	}
}
