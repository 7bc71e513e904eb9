package system

import (
	"github.com/tidemark/tidemark/tables"
)

// health is how well the table is, by its view and by what this process knows beside.
func (t tide) health() tables.Health {
	out := t.View.Health()
	t.lineage.addTroubles(&out)
	return out
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
}
