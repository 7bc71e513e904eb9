// Package demo is a shop whose orders and customers change all the time, as
// Debezium would report them: what `tidemark demo` shows.
//
// The events are those of cmd/tidemark/demo/load, the same ones in every run. A demo
// that is stopped in whatever way and started again continues with the event that
// would have come next (see Shop.Run).
package demo
