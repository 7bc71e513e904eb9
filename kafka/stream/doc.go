// Package stream reads partitions from an offset on, for as long as somebody wants them. All tables of a process
// share one Reader, so that connections, goroutines and requests do not grow with the number of tables.
//
//	Reader    reads the partitions of everybody
//	Consumer  is what one user of it sees: a sarama.Consumer, as goka wants it
//
// Each broker is asked by two connections:
//
//   - One follows the partitions that are read to their ends. It has a fetch session: a request names only what
//     has changed since the last one, and waits at the broker until one of the partitions gets a record.
//   - One fetches what is behind: a partition that was just added, that has much to read, or whose records were not
//     taken in time. So a table that is recovered does not delay the others.
//
// A partition that is followed has no goroutine. One is there while fetched records wait to be taken, and the
// partition is not fetched further while they are many: a slow reader delays nobody else. The bytes that wait are
// bounded for all partitions together.
//
// Only committed records are read, and no control records. As with sarama, a partition whose offset is out of range
// ends with that error, and all other errors are reported while the reading is tried again. A topic that was
// deleted and made again is another one: its partitions end, too.
//
// The package imports package kafka alone. It knows neither tables nor records of ours.
//
// File map: reader.go has the clients, consumer.go and partition.go are what is seen of it; leaders.go finds the broker
// of a partition, broker.go has what waits there, behind.go and follow.go are the two connections, session.go makes
// the requests of the second; decode.go and deliver.go make and hand on messages, share.go bounds them, faults.go
// says what becomes of an error, offsets.go asks for the ends of a partition.
package stream
