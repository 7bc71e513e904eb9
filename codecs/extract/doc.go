// Package extract finds the values of a table's columns in a row's JSON, by their paths
// and in one pass. It recognises placeholders, which connectors write for values that the
// source's log did not carry, and replaces them in documents.
package extract
