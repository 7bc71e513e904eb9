package store

import "runtime"

// turn lets others have the core now and then while a merge works: the scheduler would
// take it away after ten milliseconds only, which a reader that waits would feel.
type turn int

// turnRows is how many rows are worked on in a turn: some ten microseconds.
const turnRows = 1 << 13

// worked counts rows that were worked on, and ends the turn when they are enough.
func (t *turn) worked(rows int) {
	if *t += turn(rows); *t >= turnRows {
		*t = 0
		runtime.Gosched()
	}
}
