// Package definitions makes the definition in a file the one that a table is served by, when
// a person has agreed to what it takes. The table's record of generations says so to all
// processes, which build the new generation; nothing is built here.
//
//	change.go  what a definition changes, and asking for it
//	await.go   waiting until it is built
package definitions
