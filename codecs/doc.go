// Package codecs turns bytes into nouns and back: the records of source topics
// into Changes, and Tidemark's own records (state rows, snapshot records, barriers,
// manifests, progress) into and out of their versioned binary formats, which
// FORMAT.md describes.
//
// Decoding never panics and never loses: what cannot be decoded is an *Error that
// names the field, and the caller keeps the original bytes.
package codecs
