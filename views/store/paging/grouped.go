package paging

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/stop"
)

// grouped keeps the first entries of each group.
type grouped struct {
	order  *mvcc.Ordering
	by     *query.LimitBy
	limit  int
	groups map[string]*top
	buf    []byte
	over   stop.Signal
}

func newGrouped(o *mvcc.Ordering, limit int, by *query.LimitBy, over stop.Signal) *grouped {
	return &grouped{order: o, by: by, limit: limit, groups: map[string]*top{}, over: over}
}

func (g *grouped) worst() *mvcc.Entry { return nil }

func (g *grouped) add(e mvcc.Entry) { g.group(e.Ref).add(e) }

// group returns the group of a row.
func (g *grouped) group(r mvcc.Ref) *top {
	g.buf = g.buf[:0]
	for _, c := range g.by.Columns {
		g.buf = g.order.Version.AppendGroup(g.buf, r, c)
	}
	group := g.groups[string(g.buf)]
	if group == nil {
		group = &top{order: g.order, limit: g.by.N}
		g.groups[string(g.buf)] = group
	}
	return group
}

func (g *grouped) merge(o collector) {
	n := 0
	for k, t := range o.(*grouped).groups {
		if n++; n%stop.Step == 0 && g.over.Asked() {
			return
		}
		if g.groups[k] == nil {
			g.groups[k] = t
			continue
		}
		g.groups[k].merge(t)
	}
}

func (g *grouped) sorted() []mvcc.Entry {
	var all []mvcc.Entry
	for _, t := range g.groups {
		all = append(all, t.heap...)
	}
	all = sortEntries(g.order, all, g.over)
	if g.limit >= 0 && len(all) > g.limit {
		all = all[:g.limit]
	}
	return all
}
