// Package metrics has the counters of a view, which its rooms count with, and what registers
// the metrics of a store when readers see it. The package comment of views lists them all; the
// gauges are made there.
//
//	counters.go  the counters
//	deferred.go  metrics that are registered later, and taken out again
package metrics
