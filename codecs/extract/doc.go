// Package extract finds the values of a table's columns in a row's JSON, by their paths
// and in one pass. It knows the placeholders that stand for values which the source's
// log did not carry, and fills them in documents.
package extract
