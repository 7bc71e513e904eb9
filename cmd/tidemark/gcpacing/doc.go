// Package gcpacing makes Go's garbage collector go faster while large tables are in memory twice.
//
// The pace of the collector is the process's. So it is set here, by the program, and not by the
// stores, which only report when they begin to hold two bases and when they end. The package
// imports nothing of the others.
//
//	pacing.go  the pace, and how long it stays
package gcpacing
