package checkup

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/tables"
)

// letters tells of dead letters that nobody has dealt with: their rows are missing, or
// not of today.
func letters(ctx context.Context, s kafka.Settings, t *tables.Table) []Finding {
	live, err := generations.Live(ctx, s, t)
	if err != nil {
		return nil // the topics are looked at by others
	}
	found, err := processors.DeadLetters(ctx, s, live, processors.LetterQuery{Clip: 1})
	if errors.Is(err, kafka.ErrNoSource) {
		return nil // no processor has run yet
	}
	if err != nil {
		return []Finding{{findings.Unreadable, Problem, t.Name, fmt.Sprintf("read the dead letters: %v", err), "check the rights of kafka.sasl.username: read on topic " + s.Names(live).DeadLetters}}
	}
	if len(found) == 0 {
		return nil
	}
	last := found[len(found)-1]
	return []Finding{{
		findings.DeadLetters, Problem, t.Name, fmt.Sprintf("%s; the last: topic %s, partition %d, offset %d: %s", Count(len(found), "dead letter"), last.Topic, last.SourcePartition, last.Offset, last.Error),
		"list them with tidemark deadletters " + t.Name + ", then retry or drop them",
	}}
}
