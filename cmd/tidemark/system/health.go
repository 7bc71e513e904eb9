package system

import (
	"errors"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/tables"
)

// health is how well the table is, by its view and by what this process knows beside.
func (t progress) health() tables.Health {
	out := t.View.Health()
	t.generation.addTroubles(&out)
	t.lineage.addTroubles(&out)
	return out
}

// health is how well the generation is that is read; of a process without a view, how
// well the partitions are that it processes.
func (l *lineage) health() tables.Health {
	g := l.servedNow()
	if g.view != nil {
		return progress{g.view, g, l}.health()
	}
	var out tables.Health
	g.addTroubles(&out)
	if g.processor != nil {
		for _, p := range g.processor.Status().Partitions {
			out.DeadLetters += p.Health.Open()
			out.Skipped += p.Health.Skipped
			out.Unsettled += p.Health.Unsettled
			for _, t := range p.Health.Troubles {
				if t.Reason == tables.SchemaDrift {
					out.Merge(t)
				} else {
					out.Add(t)
				}
			}
		}
	}
	l.addTroubles(&out)
	return out
}

// addTroubles adds what keeps the processor of this process from working.
func (g *generation) addTroubles(h *tables.Health) {
	if g.processor == nil {
		return
	}
	if t, is := refusedBy(g.processor.Status()); is {
		h.Add(t)
	}
}

// refusedBy says why a table is not processed at all, where that is not for lack of brokers.
func refusedBy(s processors.Status) (tables.Trouble, bool) {
	var (
		partitions *kafka.PartitionsError
		recreated  *kafka.RecreatedError
		policy     *kafka.PolicyError
	)
	t := tables.Trouble{Stops: true}
	switch {
	case s.Err == nil:
		return t, false
	case errors.Is(s.Err, kafka.ErrNoSource):
		t.Reason = tables.SourceMissing
	case errors.As(s.Err, &partitions), errors.As(s.Err, &recreated):
		t.Reason = tables.SourceRecreated
	case errors.As(s.Err, &policy):
		t.Reason = tables.PartitionRefused
	default:
		return t, false
	}
	t.Text = s.Err.Error()
	return t, true
}

// addTroubles adds what the table's generations, and the process, are not well by.
func (l *lineage) addTroubles(h *tables.Health) {
	l.mu.Lock()
	building, waits := l.building != nil, l.waits
	l.mu.Unlock()
	if waits != "" {
		h.Add(tables.Trouble{Reason: tables.DefinitionWaits, Text: waits})
	}
	if building {
		h.Add(tables.Trouble{Reason: tables.Building, Text: "a generation of the table is being built beside the one that is read"})
	}
	if text := l.o.disk.nearlyFull(); text != "" {
		h.Add(tables.Trouble{Reason: tables.DiskNearlyFull, Text: text})
	}
}
