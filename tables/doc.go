// Package tables holds the nouns of Tidemark: what a live table is, what its
// rows and keys are made of, and where in the source log each of them stands.
//
// It is the lowest room of the house. It imports the standard library only, and
// every other package may import it.
//
//	Table, Column, Type       what the configuration declares
//	Value, Decimal            one typed value, its text, JSON and order
//	EncodeKey, DecodeKey      the canonical identity of a row
//	Change                    one decoded event
//	Row                       the latest state of one key
//	Position, SourcePosition  where an event stands in Kafka and in the database
package tables
