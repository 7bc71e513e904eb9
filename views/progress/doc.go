// Package progress has a view's positions: what its rows have applied, what that is in the
// source, and how far it is behind the ends of topics. It knows neither rows nor who keeps
// them. It may import package topics, which reads what it follows.
//
//	tracker.go                      the applied position of a session, published to those who wait
//	sourcemap.go mapfollower.go     maps positions of the repartitioned topic to positions of the source
//	freshness.go                    the source's end offsets, and how fresh a position is
//	undeliverable.go tailfinder.go  offsets after which nothing is deliverable, such as markers
//	follower.go                     follows the progress and batches topics of processors
//	bootstrap.go health.go          what they report: the bootstrap of a generation, the health of partitions
//	logs.go                         how far the databases' logs were read, in all tables of the process
//	faults.go                       topics that the brokers refuse to let us read
package progress
