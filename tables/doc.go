// Package tables holds the nouns of Tidemark: what a live table is, what its rows and
// keys are made of, and at which position of the source's log each of them is.
//
// It is the lowest package. It imports the standard library only, and every other
// package may import it.
//
//	Table, Column, Type       what the configuration declares
//	Value, Decimal            one typed value, its text, JSON and order
//	EncodeKey, DecodeKey      the canonical identity of a row
//	Change                    one decoded event
//	Row                       the latest state of one key
//	Position, SourcePosition  the position of an event in Kafka and in the database
//	Precedence                which of two changes of a key is later
package tables
