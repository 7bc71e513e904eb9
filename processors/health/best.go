package health

// best is what was counted when rows were furthest ahead of dead letters.
type best struct {
	rows, deadLetters int64
	some              bool
}

func (b *best) take(rows, deadLetters int64) {
	if !b.some || rows-deadLetters > b.rows-b.deadLetters {
		*b = best{rows, deadLetters, true}
	}
}
