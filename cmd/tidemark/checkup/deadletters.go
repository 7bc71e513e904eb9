package checkup

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/tables"
)

// deadLetters reports dead letters that are not settled: their rows are missing, or
// not of today. Those that were dealt with are returned, unless the table is to be made
// anew by another definition, which reads them again.
func deadLetters(ctx context.Context, s kafka.Settings, t *tables.Table) ([]Finding, []deadletter.Entry) {
	live, err := generations.Live(ctx, s, t)
	if err != nil {
		return nil, nil // the topics are looked at by others
	}
	found, done, err := deadletter.All(ctx, s, live, deadletter.Query{Clip: 1})
	if errors.Is(err, kafka.ErrNoSource) {
		return nil, nil // no processor has run yet
	}
	if err != nil {
		return []Finding{{findings.Unreadable, Problem, t.Name, fmt.Sprintf("read the dead letters: %v", err), "check the rights of kafka.sasl.username: read on topic " + s.Names(live).DeadLetters}}, nil
	}
	if cost := evolve.Compare(live, t).Cost; cost != evolve.CostNone && cost != evolve.CostView {
		done = nil
	}
	if len(found) == 0 {
		return nil, done
	}
	last := found[len(found)-1]
	return []Finding{{
		findings.DeadLetters, Problem, t.Name, fmt.Sprintf("%s; the last: topic %s, partition %d, offset %d: %s", Count(len(found), "dead letter"), last.Topic, last.SourcePartition, last.Offset, last.Error),
		"list them with tidemark deadletters " + t.Name + ", then retry or drop them",
	}}, done
}

// without leaves the records out of a sample that were dead letters and are dealt with,
// unless there are no others to look at.
func without(s *sample.Sample, done []deadletter.Entry) {
	type place struct {
		partition int32
		offset    int64
	}
	dealt := map[place]bool{}
	for i := range done {
		if done[i].Topic == s.Topic.Name {
			dealt[place{done[i].SourcePartition, done[i].Offset}] = true
		}
	}
	left := slices.DeleteFunc(slices.Clone(s.Records), func(r *codecs.Record) bool { return dealt[place{r.Partition, r.Offset}] })
	if len(left) > 0 {
		s.Records = left
	}
}
