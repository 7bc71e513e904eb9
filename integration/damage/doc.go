// Package damage breaks the files that a process keeps on disk, in many ways and at many
// places, and looks whether rows, batches and replicas are still the fold of the source.
// It is tests only: `make damage` runs the long one.
package damage
