// Package damage corrupts the files that a process keeps on disk, in many ways and at many
// places, and checks that rows, batches and replicas are still the fold of the source.
// It has tests only: `make damage` runs the long one.
package damage
