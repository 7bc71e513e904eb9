package metrics

import (
	"fmt"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Deferred is a registerer whose collectors are shown later. Two things that follow each
// other, such as two generations of a table, have collectors of the same names and labels:
// those of the one that is read are shown, the other ones are kept until then.
type Deferred struct {
	mu    sync.Mutex
	all   []prometheus.Collector
	shown prometheus.Registerer // nil: not shown
}

// Register implements prometheus.Registerer.
func (d *Deferred) Register(c prometheus.Collector) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown != nil {
		if err := d.shown.Register(c); err != nil {
			return err
		}
	}
	d.all = append(d.all, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (d *Deferred) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

// Unregister implements prometheus.Registerer.
func (d *Deferred) Unregister(c prometheus.Collector) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.all)
	d.all = slices.DeleteFunc(d.all, func(other prometheus.Collector) bool { return other == c })
	if d.shown != nil {
		d.shown.Unregister(c)
	}
	return len(d.all) < before
}

// Show makes the collectors part of a registry, and those that come later too. When one of
// them cannot be, none is.
func (d *Deferred) Show(r prometheus.Registerer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, c := range d.all {
		if err := r.Register(c); err != nil {
			for _, shown := range d.all[:i] {
				r.Unregister(shown)
			}
			return fmt.Errorf("show metrics: %w", err)
		}
	}
	d.shown = r
	return nil
}

// Hide takes the collectors out again.
func (d *Deferred) Hide() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown == nil {
		return
	}
	for _, c := range d.all {
		d.shown.Unregister(c)
	}
	d.shown = nil
}
