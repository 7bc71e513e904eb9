// Package hookstest has what tests of listeners need: a transcript of what happens, and a check
// of the lines that events make.
//
//	transcript.go  events as text, compared with a golden file
//	lines.go       every kind of event has a line
package hookstest
