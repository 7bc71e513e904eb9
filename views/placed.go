package views

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/topics"
)

// placed turns positions of the topic by decoded keys, which rows and batches have,
// into positions of the source, which is what the outside knows. The processors tell
// of each partition of the source where its records ended in the topic by keys: a
// position is as far in that partition as the last of these ends that it reaches.
type placed struct {
	mu    sync.Mutex
	known [][]point // per partition of the source, in the order of the source
	last  struct {  // what outward was asked last
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

func newPlaced() *placed { return &placed{} }

func (m *placed) reset() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known, m.last.inner = nil, nil
}

// add takes what processors tell. now is how far readers are: the points around it
// are never given up.
func (m *placed) add(r wire.Repartitioned, now tables.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for int(r.Partition) >= len(m.known) {
		m.known = append(m.known, nil)
	}
	m.last.inner = nil
	all := m.known[r.Partition]
	if n := len(all); n > 0 && all[n-1].source >= r.Source {
		return // told again
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

// outward returns the position of the source that a position of what processors read
// stands for. Partitions that nothing is known of stand at 0. Asked twice in a row with
// the same slice it returns the same one. A nil m is for tables whose processors read
// the source itself.
func (m *placed) outward(inner tables.Position) tables.Position {
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

// outwardOf is outward for any position: it leaves the last answer to those who ask about
// the newest rows.
func (m *placed) outwardOf(inner tables.Position) tables.Position {
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

func (m *placed) isLast(inner tables.Position) bool {
	return m.last.inner != nil && len(inner) == len(m.last.inner) && (len(inner) == 0 || &inner[0] == &m.last.inner[0])
}

func (m *placed) compute(inner tables.Position) tables.Position {
	out := make(tables.Position, len(m.known))
	for i, all := range m.known {
		if n := reachedBy(all, inner); n > 0 {
			out[i] = all[n-1].source
		}
	}
	return out
}

// followPlaced reads what processors tell of the topic by keys: first the newest of
// each partition of the source, then all that comes.
func (v *View) followPlaced(ctx context.Context, client *topics.Client, env environment) error {
	if v.placed == nil {
		return nil
	}
	topic, err := client.Describe(ctx, v.names.Rekeyed)
	if err != nil {
		return err
	}
	source, err := client.Describe(ctx, env.origin.Name)
	if err != nil {
		return err
	}
	next := make([]int64, topic.Partitions)
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for p := range topic.Partitions {
		g.Go(func() error {
			missing := map[int32]bool{}
			for s := p; s < source.Partitions; s += topic.Partitions {
				missing[s] = true
			}
			var other error
			end, err := client.Back(inner, topic, p, func(r topics.Record) {
				if at, ok := v.takePlaced(r, env); ok {
					delete(missing, at.Partition)
					other = nil
				} else if len(r.Source) == 16 {
					other = source.Since(kafka.Topic{Partitions: source.Partitions, ID: [16]byte(r.Source)})
				}
			}, func() bool { return len(missing) == 0 })
			next[p] = end
			if err == nil {
				err = other
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return topics.TailAll(ctx, v.o.Kafka, topic.Name, next, func(r topics.Record) {
		v.faults.clear(r.Topic)
		v.takePlaced(r, env)
	}, v.faults.note)
}

// takePlaced takes a record of how far the source is in the topic by keys, if it is
// about the topics as they are.
func (v *View) takePlaced(r topics.Record, env environment) (wire.Repartitioned, bool) {
	if len(r.Source) != 16 || len(r.Keyed) != 16 || [16]byte(r.Source) != env.origin.ID || [16]byte(r.Keyed) != env.source.ID {
		return wire.Repartitioned{}, false
	}
	at, err := wire.ParseRepartitioned(r.Value)
	if err != nil || at.Partition >= tables.MaxPartitions {
		v.leaveOut("record of what is placed by keys", "offset", r.Offset, "error", err)
		return wire.Repartitioned{}, false
	}
	v.placed.add(at, v.Snapshot().Position())
	v.mu.Lock()
	defer v.mu.Unlock()
	for s := range v.live {
		s.place.nudge()
	}
	return at, true
}
