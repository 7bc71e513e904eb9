package torture

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// placement is a topic into which the records of a source are copied by their keys, where its partitions say
// nothing of these. The rows are those of an instant of this topic. The position that an answer names is one of
// the source, of which everything is there; so the instant is one of those from there on.
type placement struct {
	topic   string
	id      string // by which streams of changes name it
	history        // by offsets of this topic
	home    map[int64]int32
	parts   map[int32][]change // by offset
	marks   map[int32][]mark   // per partition of the source, by offset there
	until   position           // of the source: the first record that is not here
}

// change is what a record does to a key.
type change struct {
	key int64
	record
}

// mark says that the source's partition, behind one of its records, is here before some ends.
type mark struct {
	source int64
	ends   position
}

// readPlacements reads the topics that are there; complete says that none was deleted during the round.
func (r *round) readPlacements(h *history) error {
	admin := r.cluster.Admin()
	topics, err := admin.ListTopics(r.Context())
	if err != nil {
		return err
	}
	highest := 0
	for _, t := range topics.Sorted() {
		generation, ok := strings.CutPrefix(t.Topic, r.cluster.Prefix+"t-")
		generation, keyed := strings.CutSuffix("-"+generation, "-keyed")
		if !ok || !keyed {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(generation, "-")); err == nil {
			highest = max(highest, n)
		}
		p := &placement{
			topic: t.Topic, id: hex.EncodeToString(t.ID[:8]), home: map[int64]int32{}, parts: map[int32][]change{},
			history: history{keys: map[int64][]record{}, byLSN: true, visible: h.visible},
		}
		if err := p.read(r.Context(), r, h); err != nil {
			return err
		}
		h.placements = append(h.placements, p)
	}
	h.gone = len(h.placements) <= highest
	return nil
}

func (p *placement) read(ctx context.Context, r *round, source *history) error {
	ends, err := endsOf(ctx, r.cluster.Admin(), p.topic)
	if err != nil {
		return err
	}
	at := map[int64]record{} // by the event's position in the database
	err = readBack(ctx, r.cluster.Addrs, p.topic, ends, func(k *kgo.Record) error {
		key, rec, err := r.plan.parse(k)
		if err != nil {
			return err
		}
		if twice, is := at[rec.lsn]; is {
			return fmt.Errorf("the event %d is there a second time, first at %d:%d", rec.lsn, twice.partition, twice.offset)
		}
		if home, is := p.home[key]; is && home != rec.partition {
			return fmt.Errorf("key %d is in partition %d, too", key, home)
		}
		at[rec.lsn], p.home[key] = rec, rec.partition
		p.keys[key] = append(p.keys[key], rec)
		p.parts[rec.partition] = append(p.parts[rec.partition], change{key, rec})
		return nil
	})
	p.mark(source, at)
	return err
}

// mark finds out where the records of each partition of the source ended here.
func (p *placement) mark(source *history, at map[int64]record) {
	all := map[int32][]record{}
	for _, records := range source.keys {
		for _, r := range records {
			all[r.partition] = append(all[r.partition], r)
		}
	}
	p.marks, p.until = map[int32][]mark{}, position{}
	for partition, records := range all {
		slices.SortFunc(records, func(a, b record) int { return int(a.offset - b.offset) })
		ends := position{}
		for _, r := range records {
			here, is := at[r.lsn]
			if !is {
				p.until[partition] = r.offset
				break
			}
			ends = ends.and(position{here.partition: here.offset + 1})
			p.marks[partition] = append(p.marks[partition], mark{r.offset, ends})
		}
	}
}

// least returns from where on everything is there that the source has before a position.
func (p *placement) least(at position) (position, error) {
	out := position{}
	for partition, offset := range at {
		if until, is := p.until[partition]; is && until < offset {
			return nil, fmt.Errorf("%s has nothing of %d:%d", p.topic, partition, until)
		}
		marks := p.marks[partition]
		if n := sort.Search(len(marks), func(i int) bool { return marks[i].source >= offset }); n > 0 {
			out = out.and(marks[n-1].ends)
		}
	}
	return out, nil
}

// and returns what has all of both.
func (p position) and(o position) position {
	out := position{}
	for _, q := range []position{p, o} {
		for partition, offset := range q {
			out[partition] = max(out[partition], offset)
		}
	}
	return out
}

func endsOf(ctx context.Context, admin *kadm.Client, topic string) (position, error) {
	listed, err := admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("ends of %s: %w", topic, err)
	}
	out := position{}
	listed.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out, nil
}

// place returns the history that the id of an event is of, and its place there. Nil is one of a generation
// whose topic is gone.
func (h *history) place(id string) (*history, position, error) {
	parts := strings.Split(id, ";")
	source, err := parsePosition(parts[0])
	if err != nil || !h.repartitioned {
		return h, source, err
	}
	if len(parts) != 3 {
		return nil, nil, fmt.Errorf("%q does not name a place of the topic by keys", id)
	}
	at, err := parsePosition(parts[2])
	if err != nil {
		return nil, nil, err
	}
	for _, p := range h.placements {
		if p.id != parts[1] {
			continue
		}
		if least, err := p.least(source); err != nil || !at.reaches(least) {
			return nil, nil, fmt.Errorf("%q: the source's position is surely reached only at %v (%v)", id, least, err)
		}
		return &p.history, at, nil
	}
	if !h.gone {
		return nil, nil, fmt.Errorf("%q is of no topic that there was", id)
	}
	return nil, nil, nil
}
