// Package outrun gives up rows for which another partition has a later change.
//
// A key whose bytes have changed has a row or a deletion in several partitions, and views
// serve the latest. The others would stay for ever: a tombstone is compacted away in time,
// and then nothing says that an older row of another partition is obsolete. So such rows are
// given up. A view of the process names the keys (Named). The owner of the partition that
// has the latest change asks the others by control records (asking.go). Each of them gives
// its row up itself, at an offset among its other changes (giving.go).
//
// A partition's Outruns registers at the bus of a run. All its work is done by the goroutine
// that folds. The package imports the bus, the row writer and the local state.
//
// File map: options.go has what it needs; named.go has the keys that views have named,
// asking.go asks other partitions, giving.go answers the requests of others, metrics.go counts the rows.
package outrun
