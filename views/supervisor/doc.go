// Package supervisor keeps what readers of a table see current. It runs attempts over the table's
// topics as they are, and in each of them replicas (package replica), one after the other, and two
// beside each other for the time of a rebuild; it gives them what brokers and processors tell, and
// decides what a replica begins with and which of them readers see. It knows no reader: package
// views asks it for the replica that is seen, and asks its Parts about the rest.
//
//	new.go         what a supervisor is made of
//	supervisor.go  the options, the parts, what readers ask
//	status.go      what it says of itself
//	attempts.go    attempts, and why one ends
//	publish.go     replicas of an attempt, and which of them readers see
//	loader.go      what makes replicas
//	load.go        what a replica begins with: Kafka, or what is on this machine
//	ondisk.go      what is on this machine
//	shown.go       what readers see, and batches of replicas that they do not see yet
//	attached.go    the replicas that run, and what they are told
//	seenby.go      what replicas ask
//	poll.go        asks for the ends of topics
//	told.go        takes what processors tell of progress, batches and partitions
//	state.go       whether it is ready, refuses the table, and what it is doing
//	unreadable.go  records that are left out
package supervisor
