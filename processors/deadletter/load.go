package deadletter

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrOutdated is why a dead letter is refused.
var ErrOutdated = errors.New("it may be outdated; replay the table instead")

// load reads a dead letter as it once was in the source.
func (t *Retrier) load(offset int64) (*kgo.Record, error) {
	rec, err := t.Read(t.Names.DeadLetters, t.Partition, offset)
	if err != nil {
		return nil, err
	}
	d := Parse(rec)
	switch {
	case d.Resolves >= 0:
		return nil, errors.New("it is no dead letter")
	case t.Repartitioned && d.KeyedOffset >= 0 && d.Omitted > 0:
		return t.Read(t.Names.Keyed, t.Partition, d.KeyedOffset)
	case t.Repartitioned && d.KeyedOffset >= 0:
		return d.repartitioned(t.Names.Keyed, rec), nil
	case d.Topic != t.Source || d.SourcePartition != t.Partition:
		return nil, fmt.Errorf("%w: its record is in topic %s, partition %d, and its position in %s is not known",
			ErrOutdated, d.Topic, d.SourcePartition, t.Source)
	case d.Omitted > 0:
		return t.Read(d.Topic, d.SourcePartition, d.Offset)
	}
	return d.original(rec), nil
}
