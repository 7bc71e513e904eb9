package batch

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka/logread"
)

// barriers knows the newest barrier of each partition of the control topic. Any number of
// other control records may follow one, so a first look goes back as far as it must;
// later ones read what is new.
type barriers struct {
	topic      string
	next       []int64        // to be looked at, by partition
	newest     []wire.Control // batch 0 where there is none
	lookedBack bool
}

// lookBack is how many control records of a partition are read first to find its newest
// barrier. Each further step back is longer.
const (
	lookBack  = 64
	backTimes = 8
)

// look takes in what the control topic holds now.
func (b *barriers) look(ctx context.Context, client *kgo.Client) error {
	has, err := logread.Spans(ctx, client, b.topic)
	if err != nil {
		return err
	}
	if !b.lookedBack || len(has) != len(b.next) {
		if err := b.goBack(ctx, client, has); err != nil {
			return err
		}
	}
	left := make([]logread.Span, len(has))
	for p, s := range has {
		left[p] = logread.Span{From: max(b.next[p], s.From), End: s.End}
	}
	if err := logread.ReadSpans(ctx, client, b.topic, left, b.take); err != nil {
		return err
	}
	for p, s := range has {
		b.next[p] = s.End
	}
	return nil
}

// goBack reads what each partition has from its end backwards until there is a barrier.
func (b *barriers) goBack(ctx context.Context, client *kgo.Client, has []logread.Span) error {
	b.newest, b.next = make([]wire.Control, len(has)), make([]int64, len(has))
	unread := slices.Clone(has)
	for p, s := range has {
		b.next[p] = s.End
	}
	for step := int64(lookBack); ; step *= backTimes {
		left, none := make([]logread.Span, len(unread)), true
		for p, s := range unread {
			if b.newest[p].Batch > 0 || s.End <= s.From {
				continue
			}
			from := max(s.From, s.End-step)
			left[p], none = logread.Span{From: from, End: s.End}, false
			unread[p].End = from
		}
		if none {
			b.lookedBack = true
			return nil
		}
		if err := logread.ReadSpans(ctx, client, b.topic, left, b.take); err != nil {
			return err
		}
	}
}

func (b *barriers) take(r *kgo.Record) error {
	c, err := wire.ParseControl(r.Value)
	if err == nil && c.Kind == wire.Barrier && int(r.Partition) < len(b.newest) && c.Batch > b.newest[r.Partition].Batch {
		b.newest[r.Partition] = c
	}
	return nil
}

// highest is the highest batch that a barrier was written for, in any partition.
func (b *barriers) highest() (id uint64) {
	for _, c := range b.newest {
		id = max(id, c.Batch)
	}
	return id
}

// begun is the newest batch whose barrier is written to every partition. A batch whose barriers
// were written to some partitions only never becomes whole.
func (b *barriers) begun() wire.Control {
	if len(b.newest) == 0 {
		return wire.Control{}
	}
	least := b.newest[0]
	for _, c := range b.newest[1:] {
		if c.Batch < least.Batch {
			least = c
		}
	}
	return least
}
