// Package store holds the rows of one table in memory, by column, and answers
// reads while they change.
//
// A Store is a base, sorted by the table's sort key, and a delta, appended behind
// it. One goroutine calls Apply; any number take a Snapshot, which is one atomic
// load, and read exactly the rows that were alive then, for as long as they hold it.
// Seal merges everything before a batch's cut into a new base, compares the result
// with the batch's manifests and swaps it in while readers and the writer continue.
//
//	Store.Apply, Seal       the writer's side
//	Store.Snapshot          the readers' side: Lookup, Query, Stream
//	WriteBatch, OpenBatch   batches as files: Parquet and a manifest
//	persist.List, Prune     which of them are there and which are kept
//
// Metrics, all with the label table: tidemark_store_rows, tidemark_store_delta_entries,
// tidemark_store_bytes, tidemark_store_merges_total (label kind: seal or compaction),
// tidemark_store_merge_seconds, tidemark_store_swap_seconds and
// tidemark_store_checksum_mismatches_total.
//
// DESIGN.md beside this file says how and why.
package store
