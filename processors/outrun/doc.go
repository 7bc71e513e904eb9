// Package outrun gives rows up that another partition has a later change of.
//
// A key whose bytes have changed has a row or a deletion in several partitions, and views
// serve the latest. The others would stay for ever: a tombstone is compacted away in time,
// and then nothing says that an older row of another partition is none any more. So such
// rows are given up. A view of the process names the keys (Named), the owner of the
// partition that has the latest change asks the others by control records (asking.go), and each gives
// its row up itself, in its place among its other changes (giving.go).
//
// A partition's Outruns registers itself at the bus of a run; all that it does is done by the
// goroutine that folds. It imports the bus, the row writer and the local state.
//
// File map: options.go says what it needs; named.go is what views have named, asking.go asks
// other partitions, giving.go does what others ask for, metrics.go counts the rows.
package outrun
