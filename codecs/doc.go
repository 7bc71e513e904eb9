// Package codecs has the nouns that all of its packages speak of: a record of a source
// topic, and the error that says why one cannot be decoded.
//
// Bytes become nouns, and nouns bytes, in the packages below it: cdc decodes the
// records of source topics, wire reads and writes Tidemark's own, evolve makes rows of
// one definition of a table from those of another, filter compiles conditions.
// DESIGN.md is the map.
//
// Decoding never panics and never loses: what cannot be decoded is an *Error that
// names the field, and the caller keeps the original bytes.
package codecs
