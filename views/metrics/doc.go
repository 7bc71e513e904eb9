// Package metrics has the counters of a view, which its packages share, and registers
// the metrics of a store when readers see it. The package comment of views lists all metrics;
// the gauges are made there.
//
//	counters.go  the counters
//	deferred.go  metrics that are registered later, and unregistered again
package metrics
