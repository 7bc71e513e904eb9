// Package changelog reads the changelog of a group table: a goka.View, run under
// supervision, with a storage that keeps positions only. The caller (a Sink) decides what
// a record does to rows.
//
// It adds what goka and sarama do not do themselves:
//
//   - A view that met an end offset that is never delivered (a transaction's marker,
//     a compacted record) would recover for ever. Reader detects that a partition does
//     not advance, asks the broker whether anything is left to deliver, and continues.
//   - A view that lost its broker reconnects within a second. One that ended is built
//     again, after its client is closed: goka itself leaves it open.
//   - A partition that goka has silently stopped reading is detected in the same way.
//   - goka and sarama take configurations and change them: each gets a copy of its own.
package changelog
