// Package instrument registers the metrics of a table's write side.
//
//	Table   makes collectors with the label table
//
// Each package names its own metrics, and describes them, where it counts. What they have in common is here: the label,
// and that a table which is started again in one process goes on with the collectors that it had. It is a leaf.
package instrument
