// Package supervisor keeps current what readers of a table see. It runs attempts over the table's
// topics, and in each attempt replicas (package replica): one after the other, and two side by side
// during a rebuild. It passes on what brokers and processors report. It decides what a replica
// starts with, and which replica readers see. It does not know the readers: package views asks it
// for the replica that is seen, and asks its Parts about the rest.
//
//	new.go         makes a supervisor
//	supervisor.go  the options, the parts, what readers ask
//	status.go      its status
//	attempts.go    attempts, and why one ends
//	publish.go     replicas of an attempt, and which of them readers see
//	loader.go      makes replicas
//	load.go        what a replica starts with: Kafka, or what is on this machine
//	ondisk.go      what is on this machine
//	shown.go       what readers see, and batches of replicas that they do not see yet
//	attached.go    the replicas that run, and what they receive
//	seenby.go      what replicas ask
//	poll.go        asks for the end offsets of topics
//	reports.go     takes what processors report of progress, batches and partitions
//	state.go       whether it is ready, refuses the table, and what it is doing
//	unreadable.go  records that are left out
package supervisor
