// Package stop tells the loops of a query that it is over: its client has gone, or its time is up.
// It is a leaf.
package stop
