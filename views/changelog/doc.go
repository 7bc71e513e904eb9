// Package changelog reads the changelog of a group table: a goka.View, run under
// supervision, with a storage that keeps nothing but positions, since what a
// record does to rows is the caller's affair (a Sink).
//
// What goka and sarama do not do by themselves is done here:
//
//   - a view that met an end offset that is never delivered (a transaction's marker,
//     a compacted record) would recover for ever: Reader sees that a partition does
//     not move, asks the broker whether anything is left to deliver, and moves on;
//   - a view that lost its broker reconnects within a second, and one that ended is
//     built again, with its client closed: goka itself leaves it open;
//   - a partition that goka has stopped reading in silence is noticed the same way;
//   - goka and sarama take configurations and change them: each gets its own.
package changelog
