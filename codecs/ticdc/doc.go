// Package ticdc reads what TiCDC writes beside the formats of others: batches of its open protocol,
// as messages of its simple protocol, and instants with the zone that they are in. So one decoder
// reads both.
//
//	open.go     a batch as its events
//	message.go  an event as a message of the simple protocol
//	expand.go   batches as messages, to look at
//	value.go    values of the open protocol, by their type codes and flags
//	zone.go     instants of the simple protocol
//
// The records are hostile: nothing here panics, and no more is written than a constant factor of
// the record. It knows JSON text, and neither tables' columns nor keys.
package ticdc
