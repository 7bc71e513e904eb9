// Package cdc decodes the records of change data capture: one record of a source topic
// becomes one change of a table. There is a file for each kind of message, and the
// parts that they share: the key, the position in the source's log, what is no row.
package cdc
