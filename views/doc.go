// Package views is the read side of a live table: a View keeps the rows of one
// table current from its topics and gives readers snapshots of them.
//
// A View is a goka.View over the table's changelog (package changelog) whose
// records go to two places: whole rows on disk (package rows, for documents and for
// the next start) and columns in memory (package store, for everything else). It
// follows the manifests of batches, makes each complete batch the base of the
// store, proves it against its manifests and writes it to a file; where that does
// not come out even, the rows are built again from the snapshot topic while readers
// continue with the old ones.
//
//	Snapshot, AsOf, Pin, Document        what reads see
//	Freshness, WaitPosition, WaitSource  how far that is
//	Ready, Status                        whether it may be seen at all
//	Batches, WaitBatch, BatchFile        batches
//
// A View is the face of it: what callers ask. Below it, each in a room of its own:
//
//	supervisor   attempts, replicas and which of them is seen; it alone knows all that follows
//	replica      one state of the table: rows in memory and on disk, and the writer
//	progress     how far that is, in the changelog, the source and its database's log
//	batches      manifests, files of batches, batches in dispute
//	duplicates   keys that several partitions have something of
//	events       what happens, as data
//	metrics      what all of them count
//	changelog, topics, rows, store, changes, rollup   what a replica reads, keeps and reports
//
// Files of this package:
//
//	view.go options.go names.go   a view, its options, and what it has on disk
//	wait.go status.go health.go   waits, readiness, status, health
//	asof.go follow.go ondisk.go   batches, changes and rollups, documents and copies of rows
//	pins.go                       snapshots that are kept for cursors
//	switchover.go                 another view in this one's place
//	metrics.go                    the gauges
//
// DESIGN.md beside this file says how the parts fit and what each start begins with.
//
// Metrics, all with the label table:
//
//	tidemark_view_attempts_total            times that the view began, or began again
//	tidemark_view_records_total             records of the changelog that were taken
//	tidemark_view_changes_total             changes that became visible
//	tidemark_view_groups_total              groups of changes that became visible at once
//	tidemark_view_unreadable_records_total  records that could not be read
//	tidemark_view_stale_records_total       records that came after a newer one of their key
//	tidemark_view_rebuilds_total            builds from Kafka, by reason: mismatch, passed, snapshot, rows, topics, shrunk
//	tidemark_view_set_aside_total           local files that could not be used, by what: rows, batch, batches
//	tidemark_view_batches_total             batches, by result: sealed, unproven, mismatch, passed, unwritten
//	tidemark_view_polls_total               polls of the ends of topics, by result: answered, failed
//	tidemark_view_age_seconds               all that the broker had so long ago is here
//	tidemark_view_connected, tidemark_view_ready
//	tidemark_view_batch                     the newest batch that the rows are based on
//	tidemark_view_lag_records               source records that are not reflected
//	tidemark_view_pins                      snapshots kept for cursors
//	tidemark_view_pinned_bytes              what they and as_of keep in memory beside the newest rows
//	tidemark_view_doubled_keys              keys that are in several partitions
//	tidemark_view_unsettled_keys            keys of which nothing says the newest change
//	tidemark_view_foreign_rows              rows not shown because they have other columns
//	tidemark_view_rows_disk_bytes           whole rows on disk
package views
