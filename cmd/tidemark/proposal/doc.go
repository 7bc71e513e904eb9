// Package proposal reads the records of a CDC topic and proposes the table that
// could be made from them, as a configuration to be read and changed by a person.
//
// Types come from the records' schema when they carry one. Without, a type is
// proposed only as far as JSON itself shows it: true is a bool, 12 is a number,
// "..." is a text. What a number or a text stands for (a date, a decimal, bytes)
// is never guessed from its look; the proposal names these columns instead.
package proposal
