package processors

import "github.com/tidemark/tidemark/codecs/wire"

// toldHealth is what is told of the partition now, once what was counted before is
// known. The owner of partition 0 speaks for the table as a whole, too.
func (c *claim) toldHealth() (wire.Health, bool) {
	next := c.queue.ReadNext()
	c.health.Listen(next, c.opts.Clock())
	if next == c.queue.Watermark() {
		c.health.TakeBest()
	}
	out := c.health.Told()
	if c.partition == 0 {
		out.Troubles = append(out.Troubles, c.table.Told().Troubles...)
	}
	c.status.healthy(c.partition, out)
	return out, c.health.Known()
}
