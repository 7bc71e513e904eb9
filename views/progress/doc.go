// Package progress is how far a view is: what its rows have applied, what that means in the
// source, and how it stands to the ends of topics. It knows neither rows nor who keeps them;
// it may import package topics, which reads what it follows.
//
//	tracker.go                      how far the rows of a session are, published to those who wait
//	sourcemap.go mapfollower.go     what positions of the topic by decoded keys stand for in the source
//	freshness.go                    ends of the source, and how fresh a position is by them
//	undeliverable.go tailfinder.go  offsets behind which nothing is deliverable, such as markers
//	follower.go                     the topics that processors tell their progress and batches in
//	bootstrap.go health.go          what they tell: how far a generation is filled, how well partitions are
//	logs.go                         how far the logs of databases were read, in all tables of the process
//	faults.go                       topics that the brokers refuse to let us read
package progress
