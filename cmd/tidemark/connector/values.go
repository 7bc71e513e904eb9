package connector

// Values is what the values of a column have in common.
type Values struct {
	Schema     string // the name that their schema has for what they mean
	SchemaType string // Kafka Connect's type; empty where there is no schema

	Numbers   Numbers
	Fractions int
	Texts     []string // some of them
	Bools     int
	Objects   int
	Varying   int // decimals with a scale of their own
	Arrays    int
	Items     *Values // of the arrays
}

// MostTexts bounds how many texts of a column are kept, and LongestText how much of each. What is cut
// off base64 or hexadecimal there is still such a text.
const (
	MostTexts   = 32
	LongestText = 256
)

// Seen returns how many values there are.
func (v *Values) Seen() int {
	return v.Numbers.Count + v.Fractions + len(v.Texts) + v.Bools + v.Objects + v.Varying + v.Arrays
}

// Numbers is what whole numbers have in common.
type Numbers struct {
	Count int
	// What follows leaves out what stands for infinity.
	finite int
	least  int64
	most   int64
	zeros  int    // at the end of all of them
	votes  [3]int // what they would count as instants of our days: milli-, micro- or nanoseconds
}

// infinite is where numbers begin that stand for infinity.
const infinite = 9_200_000_000_000_000_000

// Take looks at one more number.
func (n *Numbers) Take(i int64) {
	n.Count++
	if i > infinite || i < -infinite {
		return
	}
	if n.finite++; n.finite == 1 {
		n.least, n.most, n.zeros = i, i, nanos
	}
	n.least, n.most = min(n.least, i), max(n.most, i)
	if i == 0 {
		return
	}
	zeros := 0
	for rest := i; zeros < n.zeros && rest%10 == 0; rest /= 10 {
		zeros++
	}
	n.zeros = zeros
	if i < 0 {
		i = -i
	}
	switch {
	case i >= 1e17:
		n.votes[2]++
	case i >= 1e14:
		n.votes[1]++
	case i >= 1e11:
		n.votes[0]++
	}
}

// Units, by the digits behind a second's point.
const (
	millis = 3
	micros = 6
	nanos  = 9
)

// bounds says the most that a kind's values are in seconds, on each side of zero.
func bounds(k Kind) (least, most int64) {
	switch k {
	case Clock:
		return 0, 86_400
	case Duration:
		return -3_020_400, 3_020_400
	}
	return -300_000_000_000, 9_224_500_000_000
}

// fits reports whether numbers can count a unit for a type with so many digits of seconds.
func (n *Numbers) fits(k Kind, unit, digits int) bool {
	if n.finite == 0 {
		return true
	}
	per := int64(1)
	for range unit {
		per *= 10
	}
	least, most := bounds(k)
	return (n.zeros >= unit-digits || n.least == 0 && n.most == 0) && n.least/per >= least && n.most/per <= most && (k != Clock || n.most <= most*per)
}

// likely returns the unit that the numbers look like, 0 when they look like none.
func (n *Numbers) likely(k Kind) int {
	if k == Clock || k == Duration {
		size := max(n.most, -n.least)
		switch {
		case n.finite == 0 || size == 0:
			return 0
		case size <= 86_400_000:
			return millis
		case k == Clock && size <= 86_400_000_000 || k == Duration && size <= 3_020_400_000_000:
			return micros
		}
		return nanos
	}
	best := 0
	for i, count := range n.votes {
		if count > n.votes[best] {
			best = i
		}
	}
	if n.votes[best] == 0 {
		return 0
	}
	return []int{millis, micros, nanos}[best]
}
