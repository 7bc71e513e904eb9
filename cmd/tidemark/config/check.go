package config

import (
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/findings"
)

// ignored reads check.ignore: notes that there can be, of tables that there are.
func (o object) ignored(declared []string) []Ignored {
	var out []Ignored
	for _, it := range o.mapping("check", keysOf("check")...).list("ignore") {
		e := o.r.object(it.node, it.path, keysOf("check.ignore[]")...)
		if !e.need("finding", "the name that check prints with a note") {
			continue
		}
		name, table := e.text("finding", ""), e.text("table", "")
		switch known, note := findings.Known(name); {
		case e.failed("finding"):
		case !known:
			e.fault("finding", "%q is no finding%s", clip(name), suggest(name, findings.Notes()))
		case !note:
			e.fault("finding", "%s is a problem whenever it is found: only notes can be ignored", name)
		}
		if e.has("table") && !e.failed("table") && !slices.Contains(declared, table) {
			e.fault("table", "%q is no table%s", clip(table), suggest(table, declared))
		}
		out = append(out, Ignored{findings.ID(name), table})
	}
	return out
}
