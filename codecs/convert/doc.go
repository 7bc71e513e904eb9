// Package convert makes values of a table's types from JSON text. The meaning says what the
// text represents. It comes from the record's own schema, from the column's declaration, or
// from the JSON itself. A value is exact or refused, never guessed.
package convert
