// Package connector knows what connectors make of a database's types: which type a column has
// here, and how its values are written under each setting of the connector.
//
//	catalogue: timestamp(6) --kind--+
//	values: 1709210096789012 -------+--> which settings can have written that
//	values of all its columns ------+--> the setting of the connector --> {type: timestamp, encoding: epoch_us}
//
// A setting is never guessed from one value where others tell more: each column says which
// modes can have written what it holds, and the mode that most columns allow is the connector's.
// Where no value tells, it is the default of the connector, and the answer says so.
//
// It imports catalogue, for what a database says of a column, and tables. It reads no records.
//
// File map: kind.go makes kinds of types; values.go has what values have in common; settings.go
// has the modes and their tally; told.go says which modes can have written values; declare.go
// makes the column, encoding.go its encoding, and reason.go says where that comes from.
package connector
