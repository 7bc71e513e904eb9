package rollout

import (
	"errors"
	"strings"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/tables"
)

// HealthOf is how well the table is by the view of a generation, and by what this process
// knows beside.
func (c *Controller) HealthOf(g *Generation) tables.Health {
	out := g.view.Health()
	g.addTroubles(&out)
	c.addTroubles(&out)
	return out
}

// Health is how well the generation is that is read; of a process without a view, how
// well the partitions are that it processes.
func (c *Controller) Health() tables.Health {
	g := c.seen.current()
	if g.view != nil {
		return c.HealthOf(g)
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
	c.addTroubles(&out)
	return out
}

// addTroubles adds what keeps the processor of this process from working.
func (g *Generation) addTroubles(h *tables.Health) {
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

// added names the columns that a build has and readers do not see yet, where the records' schema
// told them.
func (c *Controller) added(build *tables.Table) string {
	var names []string
	for _, col := range build.Columns {
		if col.Told && c.seen.current().table.ColumnIndex(col.Name) < 0 {
			names = append(names, col.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", with columns that the schema of the records tells: " + strings.Join(names, ", ")
}

// addTroubles adds what the table's generations, and the process, are not well by.
func (c *Controller) addTroubles(h *tables.Health) {
	if waits := c.seen.waiting(); waits != "" {
		h.Add(tables.Trouble{Reason: tables.DefinitionWaits, Text: waits})
	}
	if g, _ := c.seen.build(); g != nil {
		h.Add(tables.Trouble{Reason: tables.Building, Text: "a generation of the table is being built beside the one that is read" + c.added(g.table)})
	}
	if text := c.o.Disk.NearlyFull(); text != "" {
		h.Add(tables.Trouble{Reason: tables.DiskNearlyFull, Text: text})
	}
}
