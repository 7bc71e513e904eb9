package column

import "runtime"

// Yield lets others have the core now and then while a merge works: the scheduler would
// take it away after ten milliseconds only, which a reader that waits would feel.
type Yield int

// YieldRows is how many rows are worked on in a turn: some ten microseconds.
const YieldRows = 1 << 13

// Worked counts rows that were worked on, and ends the turn when they are enough.
func (t *Yield) Worked(rows int) {
	if *t += Yield(rows); *t >= YieldRows {
		*t = 0
		runtime.Gosched()
	}
}
