package processors

import "github.com/tidemark/tidemark/tables"

// A key may have changes in several partitions of the source: its bytes have changed, or
// something else than the key has routed its events. tables.Standing orders these. Where
// the source's records stand in its own partitions, each partition here has a row, or a
// deletion, of its own, and says where that stands; views choose. Where they are placed
// by their keys all of them come here, in the order in which they were read, and the fold
// chooses.

// locate says where a change comes from and when it was written, where that may matter.
func (r *run) locate(e *entry) {
	c := &e.change
	c.Logged, c.Home, e.elsewhere = 0, 0, false
	switch {
	case r.stage == nil:
		if r.partitions > 1 {
			c.Logged = e.raw.Time.UnixMicro()
		}
	case !e.alone:
		c.Logged, c.Home = e.raw.Time.UnixMicro(), e.raw.Partition+1
	}
	if c.Logged != 0 && c.Sent != 0 { // the connector's clock is nearer to the source than Kafka's
		c.Time = c.Sent
	}
	e.elsewhere = c.Home != 0 && !r.beyond(c)
}

// beyond reports whether a change is surely later than all that were read before it: then
// nothing has to be looked up. It is so for nearly all changes that are placed soon after
// the database has made them.
func (c *claim) beyond(ch *tables.Change) bool {
	order, ordered := ch.Source.Order(c.seen)
	first := !c.seen.Known() && ch.Source.Known() && !ch.Source.Snapshot
	yes := !c.mixed && (first || ordered && order > 0) && ch.Time > c.latest
	c.latest = max(c.latest, ch.Time)
	return yes
}

// several reports whether a key can have rows and deletions in more than one partition.
func (c *claim) several() bool { return c.partitions > 1 && !c.opts.Table.Rekeyed() }
