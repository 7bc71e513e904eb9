package connector

import (
	"math/bits"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
)

// setting is one of a connector's settings that say how values are written.
type setting uint8

const (
	timeMode setting = iota
	decimalMode
	binaryMode
	intervalMode
	hstoreMode
	unsignedMode
	settings // how many there are
)

var settingNames = [settings]string{
	"time.precision.mode", "decimal.handling.mode", "binary.handling.mode", "interval.handling.mode", "hstore.handling.mode", "bigint.unsigned.handling.mode",
}

// modes are the values of each setting. Those that cannot be told apart by what they write are one.
var modes = [settings][]string{
	{"adaptive", "adaptive_time_microseconds", "microseconds", "connect", "isostring", "nanoseconds", "structured"},
	{"precise", "string", "double"},
	{"bytes", "hex"},
	{"numeric", "string"},
	{"json", "map"},
	{"long", "precise"},
}

// some is a set of a setting's modes.
type some uint16

func only(s setting, names ...string) (out some) {
	for i, m := range modes[s] {
		for _, n := range names {
			if n == m {
				out |= 1 << i
			}
		}
	}
	return out
}

func all(s setting) some { return 1<<len(modes[s]) - 1 }

func (m some) has(i int) bool { return m&(1<<i) != 0 }

// Settings is what the values of a connector's columns tell of its settings.
type Settings struct {
	system catalogue.System
	tally  [settings][]votes
}

// votes is how many columns a mode could have written, and how many it likely has.
type votes struct{ can, likely int }

// NewSettings returns settings of which nothing is known.
func NewSettings(system catalogue.System) *Settings {
	s := &Settings{system: system}
	for i := range s.tally {
		s.tally[i] = make([]votes, len(modes[i]))
	}
	return s
}

// Observe counts what the values of a column tell.
func (s *Settings) Observe(c catalogue.Column, v Values) {
	k := KindOf(s.system, c)
	of, can, likely := told(k, c, v)
	if can == 0 || can == all(of) && likely == all(of) {
		return
	}
	for i := range s.tally[of] {
		if can.has(i) {
			s.tally[of][i].can++
		}
		if likely.has(i) {
			s.tally[of][i].likely++
		}
	}
}

// mode returns the setting's mode, and whether any column tells it.
func (s *Settings) mode(of setting) (mode int, known bool) {
	best, found := s.byDefault(of), votes{}
	if n := s.tally[of][best]; n.can > 0 {
		found = n
	}
	for i, n := range s.tally[of] {
		if n.can > found.can || n.can == found.can && n.likely > found.likely {
			best, found = i, n
		}
	}
	return best, found.can > 0
}

// tied returns the modes that columns tell as much as this one.
func (s *Settings) tied(of setting, mode int) (out some) {
	for i, n := range s.tally[of] {
		if n == s.tally[of][mode] {
			out |= 1 << i
		}
	}
	return out
}

// byDefault returns the mode that a connector has where nothing is set.
func (s *Settings) byDefault(of setting) int {
	if of == timeMode && s.system == catalogue.MySQL {
		return 1
	}
	return 0
}

// choose returns the mode by which a column is read, and where that comes from.
func (s *Settings) choose(of setting, can, likely some) (mode int, by origin) {
	mode, known := s.mode(of)
	switch {
	case can == 0 && known:
		return mode, bySiblings
	case can == 0:
		return mode, byDefault
	case can.has(mode):
		return mode, byValues
	case likely&can != 0:
		can &= likely
	}
	return bits.TrailingZeros16(uint16(can)), byValues
}

// origin says where a mode comes from.
type origin uint8

const (
	byValues   origin = iota // the column's own
	bySiblings               // those of other columns
	byDefault                // nobody's
)
