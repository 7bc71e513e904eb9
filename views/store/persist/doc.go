// Package persist keeps batches on disk: the rows of each as Parquet, and a manifest without
// which the rows do not count.
//
//	Write, Open          one batch: columns in memory, and their files
//	List, Prune          lists the batches, and removes those that the policy drops
//	Remove, SetAside     removes one of them, or keeps it for inspection
//
// It knows columns and the cut of a batch, not the store that they are a base of.
package persist
