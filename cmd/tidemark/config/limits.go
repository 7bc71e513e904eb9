package config

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/kafka"
)

// mostAtOnce bounds what is counted in limits: more than a process can have open.
const mostAtOnce = 100_000

// The bounds of what can be declared: a process of one small table works in the least.
const (
	leastMemory    = 128 << 20
	mostMemory     = 1 << 50
	leastOpenFiles = 64
)

// limits reads the budgets of the process.
func (o object) limits(c *Config) {
	l := o.mapping("limits", keysOf("limits")...)
	c.Limits = Limits{
		Memory:    l.size("memory", 0, leastMemory, mostMemory),
		OpenFiles: int(l.integer("open_files", 0, leastOpenFiles, mostAtOnce)),
		Scans:     int(l.integer("scans", 0, 1, mostAtOnce)), Queue: int(l.integer("queue", 0, 1, mostAtOnce)),
	}
	c.Kafka.RowBytes = int(l.size("row_bytes", kafka.DefaultRowBytes, kafka.LeastRowBytes, kafka.MostRowBytes))
	if c.Kafka.Embedded && c.Kafka.RowBytes > kafka.DefaultRowBytes {
		l.fault("row_bytes", "the embedded broker takes rows of %s at most", sizeText(kafka.DefaultRowBytes))
	}
}

// size reads a number of bytes, such as 64MiB, in a range.
func (o object) size(key string, byDefault, least, most int64) int64 {
	n := o.values[key]
	if n == nil {
		return byDefault
	}
	const want = "a size such as 64MiB"
	s, ok := o.r.scalar(n, o.at(key), want)
	if !ok {
		return byDefault
	}
	size, ok := parseSize(s)
	switch {
	case !ok:
		o.fault(key, "want %s, found %s", want, describe(n))
	case size < least || size > most:
		o.fault(key, "%s is not possible: want %s to %s", clip(s), sizeText(least), sizeText(most))
	default:
		return size
	}
	return byDefault
}

// units of sizes, those of IEC 80000-13 and those of 1,000; the longer names come first.
func units() []unit {
	return []unit{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
	}
}

type unit struct {
	name  string
	bytes uint64
}

func parseSize(s string) (int64, bool) {
	by := uint64(1)
	for _, u := range units() {
		if number, ok := strings.CutSuffix(s, u.name); ok {
			s, by = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(s, 10, 63)
	high, low := bits.Mul64(n, by)
	return int64(low), err == nil && high == 0 && low < 1<<63
}

func sizeText(n int64) string {
	for _, u := range []unit{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if by := int64(u.bytes); n >= by && n%by == 0 {
			return strconv.FormatInt(n/by, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}
