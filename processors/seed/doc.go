// Package seed says how a new generation of a table is filled from the one before it,
// and holds what needs neither goka nor a group for it: reading the old generation's
// changelog up to a cut, and making rows of the new definition from its rows.
//
//	Plan       what a processor is asked to do: see processors.Options.Seed
//	Progress   how far all partitions are, from the records in the new generation's progress topic
//	Changelog  the old generation's rows of one partition, as of a cut
//	Rewriter   one row of the old definition -> one of the new
//
// The old generation is only read. It goes on under its own definition, and is what
// readers see, until the new one is live in every partition.
package seed
