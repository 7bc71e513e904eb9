package health

// best is what was counted when rows were furthest ahead of dead letters.
type best struct {
	rows, letters int64
	some          bool
}

func (b *best) take(rows, letters int64) {
	if !b.some || rows-letters > b.rows-b.letters {
		*b = best{rows, letters, true}
	}
}
