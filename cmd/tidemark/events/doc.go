// Package events says what happens to a process and to the generations of its tables: one
// struct for each kind of event, with what is to be known of it, and the line of the log that
// it makes. A Listener has a func for each kind; the log is one. What happens within a table
// is said by processors/events and views/events.
//
//	listener.go     Listener, and what makes listeners
//	process.go      the process: started, stopped, its brokers, its certificate
//	generations.go  generations of a table: begun, shown, ended, and their record
//
// The package is a leaf of the program.
package events
