// Package codecs has the types that all packages below it share: a record of a source
// topic, and the error that says why a record cannot be decoded.
//
// The packages below it convert bytes to values and back. cdc decodes the records of
// source topics. wire reads and writes Tidemark's own records. evolve converts rows from
// one definition of a table to another. filter compiles conditions. DESIGN.md is the map.
//
// Decoding never panics and never drops a record: a record that cannot be decoded gives
// an *Error that names the field, and the caller keeps the original bytes.
package codecs
