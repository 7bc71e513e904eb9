// Package wire reads and writes every byte that Tidemark stores or sends: state rows,
// snapshot records, manifests, control records, progress records and headers. FORMAT.md
// describes them. Each format has a version. Old bytes stay readable. Bytes that are
// truncated or of an unknown version give ErrCorrupt.
package wire
