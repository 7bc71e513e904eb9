package processors

import (
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// Here package health is told of a partition's entries, and what it knows is told to others.

// countsOf counts one entry that is done.
func countsOf(e *entry) health.Counts {
	c := health.Counts{Settled: e.settled, Until: e.offset + 1}
	switch {
	case e.action == doNothing:
		c.Skipped = 1
	case e.action == doDead:
		c.Letters = 1
	case e.action == doFold && e.change.Op == tables.Upsert:
		c.Rows = 1
	}
	return c
}

// noteRead tells of a record of the source that was decoded.
func noteRead(h *health.Tracker, e *entry) {
	switch {
	case e.action == doNothing:
		if e.change.Reason == cdc.SkipHeartbeat {
			h.NoteHeartbeat(e.raw.Time)
		}
	case e.action == doDead:
		h.NoteDead(e.field, e.reason)
	case e.change.Op == tables.Upsert: // deletes can be read where rows cannot
		h.NoteRow()
	}
}

// toldHealth is what is told of the partition now, once what was counted before is
// known. The owner of partition 0 speaks for the table as a whole, too.
func (c *claim) toldHealth() (wire.Health, bool) {
	next := c.queue.readNext()
	c.health.Listen(next, c.opts.Clock())
	if next == c.queue.watermark() {
		c.health.TakeBest()
	}
	out := c.health.Told()
	if c.partition == 0 {
		out.Troubles = append(out.Troubles, c.table.Told().Troubles...)
	}
	c.status.healthy(c.partition, out)
	return out, c.health.Known()
}
