// Package driftwatch looks whether the source's records are of the schema that a table declares, and of the one that
// they were of.
//
//	Table    what is known of the partitions' schemas; it outlives claims
//	Watch    keeps the newest records of one partition, and looks at them now and then
//
// A change of schema comes in the partitions one after the other, and is reported once (Table.firstToTell). It is no
// fault: the partition goes on, and its health says what was found, until that is declared or gone.
//
// No record is looked at as it is read: keeping one costs no allocation, and a look, twice a second at most, takes the
// newest of them. What is found out of a record says package drift of codecs.
//
// File map: watch.go is the partition's part, newest.go what is kept, table.go what is known of all.
package driftwatch
