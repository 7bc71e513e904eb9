package store

import (
	"errors"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
)

// Options says what a Store is made of.
type Options struct {
	Table      *tables.Table         // required
	Events     *events.Listener      // default: none
	Registerer prometheus.Registerer // default: none
	// CompactAfter is the number of delta entries after which, without a batch, the
	// delta is compacted into the base; the greater of it and half of the base's rows
	// counts. Default 100,000.
	CompactAfter int
	// Mismatches, if given, counts the batches that differ from their manifests, for
	// all the stores that a table has one after the other. Default: a counter of the store's own.
	Mismatches prometheus.Counter
	// TwoBases, if given, is called when a merge begins during which two large bases are in
	// memory; what it returns is called once the old one is gone.
	TwoBases func() (end func())
	// Cores bounds the goroutines of one query or merge. Default GOMAXPROCS.
	Cores int
}

const defaultCompactAfter = 100_000

// Validate fills in the defaults and returns what is missing.
func (o *Options) Validate() error {
	if o.Table == nil {
		return errors.New("store: a table is required")
	}
	if o.CompactAfter < 0 || o.Cores < 0 {
		return errors.New("store: CompactAfter and Cores cannot be negative")
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	if o.CompactAfter == 0 {
		o.CompactAfter = defaultCompactAfter
	}
	if o.TwoBases == nil {
		o.TwoBases = func() func() { return func() {} }
	}
	if o.Cores == 0 {
		o.Cores = runtime.GOMAXPROCS(0)
	}
	return nil
}
