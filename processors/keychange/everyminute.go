package keychange

import "time"

// everyMinute counts what is reported once a minute.
type everyMinute struct {
	logged time.Time
	n      int
}

// minute counts one, and reports whether it is time to log how many there were.
func (t *everyMinute) minute() (n int, yes bool) {
	t.n++
	if now := time.Now(); now.Sub(t.logged) >= time.Minute {
		n, yes = t.n, true
		t.logged, t.n = now, 0
	}
	return n, yes
}
