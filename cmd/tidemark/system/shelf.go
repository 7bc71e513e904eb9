package system

import (
	"fmt"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// shelf holds the collectors of one generation of a table. Two generations have the
// same names and labels: those of the one that is read are shown, the other ones are
// kept until then.
type shelf struct {
	mu    sync.Mutex
	all   []prometheus.Collector
	shown prometheus.Registerer // nil: not shown
}

// Register implements prometheus.Registerer.
func (s *shelf) Register(c prometheus.Collector) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown != nil {
		if err := s.shown.Register(c); err != nil {
			return err
		}
	}
	s.all = append(s.all, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (s *shelf) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		if err := s.Register(c); err != nil {
			panic(err)
		}
	}
}

// Unregister implements prometheus.Registerer.
func (s *shelf) Unregister(c prometheus.Collector) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.all)
	s.all = slices.DeleteFunc(s.all, func(other prometheus.Collector) bool { return other == c })
	if s.shown != nil {
		s.shown.Unregister(c)
	}
	return len(s.all) < before
}

// show makes the collectors part of a registry, and those that come later too.
func (s *shelf) show(r prometheus.Registerer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("show metrics: %w", err)
		}
	}
	s.shown = r
	return nil
}

// hide takes the collectors out again.
func (s *shelf) hide() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown == nil {
		return
	}
	for _, c := range s.all {
		s.shown.Unregister(c)
	}
	s.shown = nil
}
