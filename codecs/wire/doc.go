// Package wire reads and writes every byte that Tidemark keeps: state rows, snapshot
// records, manifests, control records, progress and what stands in headers. FORMAT.md
// describes them. Each has a version; old bytes stay readable, and bytes that are cut
// or of an unknown version are ErrCorrupt.
package wire
