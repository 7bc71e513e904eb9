package persist

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// Cut says where a batch ends and what its manifests say of it.
type Cut struct {
	Batch     uint64
	Changelog []int64         // per partition, the next offset that is not in the batch
	Source    tables.Position // the same of the source topic
	Rows      int64           // the sum of the manifests'
	Checksum  uint64          // the sum of the manifests'
	Changed   int64           // the sum of the manifests'
	Started   int64           // when the batch began, microseconds since the epoch
	Finished  int64           // when its last manifest was written
	// Unproven takes the rows as they are, and Rows and Checksum from them.
	Unproven bool
}

// Batch is the rows of a complete batch, in the order of the table's sort key.
type Batch struct {
	Cut
	Table   *tables.Table
	Columns []column.Column // one per column of the table, each of as many values as the cut has rows
}
