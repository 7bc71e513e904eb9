// Package rows keeps the whole rows of a view on disk: key to state row, with
// the documents that the columns in memory do not have. It is a LevelDB whose
// rows and positions are written in one batch. So after a crash at any point the
// positions say exactly what is in it.
//
// The positions and the identity have key spaces of their own (FORMAT.md): no
// key of a table can collide with them, and no scan of the rows returns them.
//
// A DB that is corrupt, that belongs to other topics or other columns, or that is
// so old that it may have missed tombstones is not repaired: the caller sets it
// aside with SetAside and builds another from Kafka.
package rows
