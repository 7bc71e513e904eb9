// Package rollout runs the generations of a table in a process, as the table's record of
// generations (package generations) asks for, so that a changed table is built beside the one
// that is read and takes its place in one step.
//
//	run.go                      the loop of steps
//	controller.go               what the steps work on
//	definition.go               this process's definition and the record's
//	columns.go                  columns that the records' schema tells
//	begin.go                    generations that are to run
//	build.go, adopted.go        the one that is built, and which rows it took over
//	handover.go                 readers go over to another one
//	retire.go, files.go         those that nobody uses go, with topics and files
//	replay.go                   requests to build anew
//	generation.go, parts.go     one generation in this process, and what it is made of
//	seen.go, status.go          what others ask while steps are taken
//	health.go, *metrics.go      how well the table is
//
// It may import both sides, views and processors, and nothing of the API: who shows a
// generation to readers is wired by package system.
package rollout
