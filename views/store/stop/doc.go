// Package stop ends the loops of a query: its client has gone, or its time is up. It is a leaf.
package stop
