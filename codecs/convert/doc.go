// Package convert makes values of a table's types from JSON text. What the text stands
// for is its meaning: the record's own schema says it, or the column's declaration, or
// the JSON by itself. A value is exact or refused, never guessed.
package convert
