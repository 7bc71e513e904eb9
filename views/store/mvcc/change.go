package mvcc

import "github.com/tidemark/tidemark/tables"

// Change is one record of the changelog.
type Change struct {
	Partition int32
	// Offset is the record's in the changelog. A change at or after an offset that
	// was applied before is ignored. -1 is before every cut: rows of the snapshot
	// topic, from which a base is built, have it.
	Offset int64
	Key    tables.Key
	Values []tables.Value // one per column; nil removes the key. They are copied.
}
