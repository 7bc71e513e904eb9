// Package persist keeps batches on disk: the rows of each as Parquet, and a manifest that
// makes them count.
//
//	Write, Open          one batch: columns in memory, and their files
//	List, Prune          which batches are there, and which of them stay
//	Remove, SetAside     one of them, for good or to be looked at
//
// It knows columns and the cut of a batch, not the store that they are a base of.
package persist
