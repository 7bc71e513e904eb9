package progress

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// SourceMap turns positions of the topic by decoded keys, which rows and batches have,
// into positions of the source, which is what the outside knows. The processors report
// of each partition of the source where its records ended in the topic by keys: a
// position is as far in that partition as the last of these ends that it reaches.
type SourceMap struct {
	mu    sync.Mutex
	known [][]point // per partition of the source, in the order of the source
	last  struct {  // what ToSource was asked last
		inner, outer tables.Position
	}
}

// point says that the source before an offset is in the topic by keys before the ends.
type point struct {
	source int64
	ends   tables.Position
}

// pointsKept bounds the offsets that the points of all partitions hold together;
// fewer points make positions of long ago, such as cuts of old batches, earlier.
const (
	pointsKept = 1 << 20
	fewPoints  = 16
	manyPoints = 1024
)

// NewSourceMap returns a map in which nothing is known.
func NewSourceMap() *SourceMap { return &SourceMap{} }

// Reset forgets what was reported about topics that no longer exist.
func (m *SourceMap) Reset() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known, m.last.inner = nil, nil
}

// add takes what processors report. now is how far readers are: the points around it
// are never given up.
func (m *SourceMap) add(r wire.Repartitioned, now tables.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for int(r.Partition) >= len(m.known) {
		m.known = append(m.known, nil)
	}
	m.last.inner = nil
	all := m.known[r.Partition]
	if n := len(all); n > 0 && all[n-1].source >= r.Source {
		return // reported again
	}
	all = append(all, point{r.Source, r.Keyed})
	if len(all) > min(manyPoints, max(fewPoints, pointsKept/(len(m.known)*max(1, len(r.Keyed))))) {
		all = thin(all, reachedBy(all, now))
	}
	m.known[r.Partition] = all
}

// thin gives up every second of the points that are reached, but for the last, or of
// those that are not, but for the newest.
func thin(all []point, reached int) []point {
	from, to := 0, reached-1
	if reached <= len(all)/2 {
		from, to = reached, len(all)-1
	}
	out := all[:from]
	for i := from; i < len(all); i++ {
		if i >= to || (i-from)%2 == 1 {
			out = append(out, all[i])
		}
	}
	clear(all[len(out):])
	return out
}

// reachedBy returns how many of the points a position has reached.
func reachedBy(all []point, inner tables.Position) int {
	n, _ := slices.BinarySearchFunc(all, inner, func(p point, inner tables.Position) int {
		if inner.Reaches(p.ends) {
			return -1
		}
		return 1
	})
	return n
}

// ToSource returns the position of the source that a position of what processors read
// stands for. Partitions that nothing is known of are at 0. Asked twice in a row with
// the same slice it returns the same one. A nil m is for tables whose processors read
// the source itself.
func (m *SourceMap) ToSource(inner tables.Position) tables.Position {
	if m == nil {
		return inner
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isLast(inner) {
		return m.last.outer
	}
	m.last.inner, m.last.outer = inner, m.compute(inner)
	return m.last.outer
}

// AnyToSource is ToSource for any position: it leaves the last answer to those who ask about
// the newest rows.
func (m *SourceMap) AnyToSource(inner tables.Position) tables.Position {
	if m == nil {
		return inner
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isLast(inner) {
		return m.last.outer
	}
	return m.compute(inner)
}

func (m *SourceMap) isLast(inner tables.Position) bool {
	return m.last.inner != nil && len(inner) == len(m.last.inner) && (len(inner) == 0 || &inner[0] == &m.last.inner[0])
}

func (m *SourceMap) compute(inner tables.Position) tables.Position {
	out := make(tables.Position, len(m.known))
	for i, all := range m.known {
		if n := reachedBy(all, inner); n > 0 {
			out[i] = all[n-1].source
		}
	}
	return out
}
