// Package adapters shows the generations of tables to the API: views, and who asks for
// batches and replays, as the interfaces that the API serves tables by.
//
//	table.go         a generation as a table: reads and changes
//	progress.go      how far it is, and how well
//	batches.go       its batches
//	rollups.go       its rollups, each as a table
//	generations.go   how it is built anew
//	errors.go        errors of the view by the names that the API answers by
//
// Nothing is decided here: errors and values of one side become those of the other.
package adapters
