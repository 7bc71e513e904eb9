package cdc

import (
	"slices"

	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/codecs/source"
	"github.com/tidemark/tidemark/tables"
)

// wanted says what a decoder of the table looks at.
func wanted(t *tables.Table, columns []tables.Column) *datum.Want {
	keep := t.Document == tables.DocumentKeep
	if t.Source.Format != tables.DebeziumAvro {
		if keep {
			return datum.Everything()
		}
		w := &datum.Want{}
		for _, c := range columns {
			for _, place := range c.Places() {
				w.Add(place)
			}
		}
		w.Add("op") // by which, and the next, an envelope is known
		w.Add("source.connector")
		for _, f := range addedFields() {
			w.Add(addedPrefix + f)
			w.Add(addedPrefix + "source_" + f)
		}
		return w
	}
	w := &datum.Want{}
	w.Add("op")
	w.Add("updateDescription")
	for _, f := range source.Names() {
		w.Add("source." + f)
	}
	for _, c := range columns {
		for _, place := range c.Places() {
			w.Add("after." + place)
			if slices.Contains(t.Key, c.Name) {
				w.Add("before." + place)
			}
		}
	}
	if keep {
		w.Add("after")
	}
	return w
}
