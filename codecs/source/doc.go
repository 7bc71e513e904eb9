// Package source reads the members of an event that describe its source: the connector, the table,
// the time of the change, and the position in the database's log.
//
//	fields.go    the members
//	position.go  the position in the log of each database
//	epoch.go     which log it is
package source
