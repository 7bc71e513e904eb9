package cdc

import (
	"strings"

	"github.com/tidemark/tidemark/codecs/jsontext"
)

// Cells are how connectors of wide-column stores write a column: {"value": 7, "set": true},
// and null, or nothing, where an update has not touched it. A value of null is NULL.

const cellValue = "value"

// uncelled returns what is in a cell. present is false where the event says nothing of
// the column. A value without a cell, as keys do, is itself.
func uncelled(raw []byte) (value []byte, present bool) {
	if jsontext.IsNull(raw) {
		return nil, false
	}
	if raw[0] != '{' {
		return raw, true
	}
	value = jsontext.Lookup(raw, cellValue)
	if value == nil {
		return raw, true
	}
	return value, string(jsontext.Lookup(raw, "set")) != "false"
}

// addCells asks for the cells of columns whose path leads to the value in one.
func (d *jsonDecoder) addCells() {
	for i := range d.columns {
		at := -1
		if cell, ok := strings.CutSuffix(d.columns[i].Where(), "."+cellValue); ok && d.keyAt[i] < 0 {
			at = d.row.AddSlot(cell)
		}
		d.cellAt = append(d.cellAt, at)
	}
}

// untouched reports whether the event says nothing of a column that is in a cell.
func (d *jsonDecoder) untouched(i int) bool {
	if d.cells && d.keyAt[i] < 0 {
		_, present := uncelled(d.row.Raw[i])
		return !present && d.row.Fault(i) == nil
	}
	return d.cellAt != nil && d.cellAt[i] >= 0 && d.source.WritesCells() && jsontext.IsNull(d.row.Raw[d.cellAt[i]])
}

// rawAt returns the text of a column's value in the row.
func (d *jsonDecoder) rawAt(i int) []byte { return d.inCell(d.row.Raw[i]) }

// inCell returns what is in a cell, where values are in cells.
func (d *jsonDecoder) inCell(raw []byte) []byte {
	if d.cells {
		raw, _ = uncelled(raw)
	}
	return raw
}

// touched returns a document without the members that an event says nothing of.
func (d *jsonDecoder) touched(document []byte) []byte {
	if !d.cells && !(d.cellAt != nil && d.source.WritesCells()) {
		return document
	}
	all, ok := jsontext.ReadObject(document)
	if !ok {
		return document
	}
	var present jsontext.Object
	for _, m := range all {
		if !jsontext.IsNull(m.Value) {
			present = append(present, m)
		}
	}
	return present.Append(nil)
}
