// Package cdc decodes records of change data capture: one record of a source topic becomes
// one change of a table. Each message format has a file. Other files have the parts that
// formats share: the key, the position in the source's log, and messages without a row.
package cdc
