// Package duplicates handles keys of which several partitions have a row or a deletion.
// It knows the rows on disk, where such copies are kept (package rows). It does not know who
// reads records or shows rows.
//
//	copies.go      which copy of a key counts, and what happens to the others
//	ondisk.go      copies of keys in the rows on disk
//	keys.go        keys with copies, keys whose latest copy is not known, keys with a row left
//	naming.go      names rows to the processors that are to give them up
//	outrun.go      which rows those are
//	keyset.go      a set of hashes with false positives
//	partitions.go  the partition that each key was last seen in
package duplicates
