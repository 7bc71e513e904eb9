// Package duplicates is what a view does about keys that several partitions have something of.
// It knows the rows on disk, where such copies are kept (package rows), and nothing of who
// reads records or shows rows.
//
//	copies.go      which copy of a key counts, and what is made of those that do not
//	ondisk.go      copies of keys in the rows on disk
//	keys.go        which keys have copies, of which nothing tells the latest, and whose row is left
//	naming.go      names rows to the processors that are to give them up
//	outrun.go      which rows those are
//	keyset.go      a set of hashes that may say yes too often
//	partitions.go  the partition that each key was seen in last
package duplicates
