// Package proposal reads the records of a CDC topic and proposes the table that
// could be made from them, as a configuration to be read and changed by a person.
//
// Types come from the records' schema when they carry one. Without, a type is
// proposed only as far as JSON itself shows it: true is a bool, 12 is a number,
// "..." is a text. What a number or a text stands for (a date, a decimal, bytes)
// is never guessed from its look. Where all values of a column leave it open, the
// proposal asks, with a value and with the lines that would answer; where they do
// not, it asks nothing.
//
// Where the catalogue of the source database is given, it says the types and the key, and
// what remains open is asked of the connector's settings, which the values of all columns
// tell together: Observe first, for every proposal of a connector, and then Know.
//
// It imports sample, for what is read, catalogue and connector, for what a database and its
// connector say, and codecs.
//
// File map: proposal.go is the way in, and many.go for the tables of a topic, with names.go;
// material.go shows the records; taken.go chooses how rows are read, by formats.go and
// image.go; rows.go and keys.go observe them; column.go makes a column, with evidence.go,
// texts.go and numbers.go for its question; known.go takes columns from the catalogue;
// tablekey.go and markers.go make the source; write.go writes it all.
package proposal
