package seed

import (
	"context"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// Progress is how far the filling of a generation has come, in all of its partitions.
type Progress struct {
	Partitions []wire.Bootstrap // those that have begun, in order
	Of         int32            // partitions that there are
}

// Live reports whether every partition is filled: the generation can be read.
func (p Progress) Live() bool {
	for i := range p.Partitions {
		if !p.Partitions[i].Live() {
			return false
		}
	}
	return p.Of > 0 && len(p.Partitions) == int(p.Of)
}

// Failed says why a partition cannot be filled as planned; empty when all can.
func (p Progress) Failed() string {
	for i := range p.Partitions {
		if why := p.Partitions[i].Failed; why != "" {
			return fmt.Sprintf("partition %d: %s", p.Partitions[i].Partition, why)
		}
	}
	return ""
}

// Sum adds up the counts of all partitions. Phase is the one that is furthest behind.
func (p Progress) Sum() wire.Bootstrap {
	var out wire.Bootstrap
	for i := range p.Partitions {
		s := &p.Partitions[i]
		if out.Phase == 0 || s.Phase < out.Phase {
			out.Phase = s.Phase
		}
		out.Read += s.Read
		out.ReadEnd += s.ReadEnd
		out.From += s.From
		out.Source += s.Source
		if s.Until != math.MaxInt64 { // not known yet
			out.Until += s.Until
		}
		out.Old += s.Old
		out.Kept += s.Kept
		out.Partial += s.Partial
		out.Carried += s.Carried
		out.Adopted += s.Adopted
		out.Swept += s.Swept
		if out.Started == 0 || s.Started < out.Started {
			out.Started = s.Started
		}
		out.Finished = max(out.Finished, s.Finished)
	}
	if int32(len(p.Partitions)) < p.Of {
		out.Phase = wire.BootstrapReading
	}
	if out.Phase != wire.BootstrapLive {
		out.Finished = 0
	}
	out.Failed = p.Failed()
	return out
}

// ReadProgress reads how far the filling of a generation is, from any process. The
// counts stay there when it is done, for as long as the generation's topics live.
func ReadProgress(ctx context.Context, s kafka.Settings, t *tables.Table) (Progress, error) {
	client, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return Progress{}, err
	}
	defer client.Close()
	names := s.Names(t)
	topic, err := kafka.Describe(ctx, client, names.Table)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{Of: topic.Partitions}
	byPartition, err := Records(ctx, client, names.Progress)
	if err != nil {
		return Progress{}, err
	}
	for p := range topic.Partitions {
		if r, ok := byPartition[p]; ok && r.Of(topic.ID) {
			out.Partitions = append(out.Partitions, r.Bootstrap)
		}
	}
	return out, nil
}
