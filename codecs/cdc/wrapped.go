package cdc

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// A wrapping is what is around a row that is one member of the value, as declared, or where
// all columns lead into it. Some members have beside them what happened to the row:
//
//	after   GoldenGate {op_type: I|U|D|T, before, after}, CockroachDB {after: null when deleted, updated, key}
//	data    AWS DMS {data, metadata: {record-type, operation}}
type wrapping struct {
	top string // the member; empty where the columns are in the value itself
	at  int    // the first of the slots below
}

// The slots of a wrapping, behind at.
const (
	wrapImage = iota // the member that the row is in
	wrapKind
	wrapOperation
	wrapBefore
	wrapClock
	wrapSlots
)

// wrappingOf returns the wrapping of rows in a declared member, or by what the columns' paths
// begin with. Its slots begin at at.
func wrappingOf(member string, columns []tables.Column, at int) wrapping {
	if member != "" {
		return wrapping{top: member, at: at}
	}
	w := wrapping{at: at}
	for i := range columns {
		for _, place := range columns[i].Places() {
			top, _, below := strings.Cut(place, ".")
			if !below || w.top != "" && w.top != top {
				return wrapping{}
			}
			w.top = top
		}
	}
	if w.top != "after" && w.top != "data" {
		return wrapping{}
	}
	return w
}

// add registers the paths of what the wrapping says.
func (w wrapping) add(d *jsonDecoder) {
	if w.top == "" {
		return
	}
	d.below = w.top + "."
	d.row.Add(w.top, w.at+wrapImage)
	switch w.top {
	case "after":
		d.row.Add("op_type", w.at+wrapKind)
		d.row.Add("before", w.at+wrapBefore)
		d.row.Add("updated", w.at+wrapClock)
	case "data":
		d.row.Add("metadata.record-type", w.at+wrapKind)
		d.row.Add("metadata.operation", w.at+wrapOperation)
		d.row.Add("metadata.timestamp", w.at+wrapClock)
	}
}

// verdict is what a wrapping says of its row.
type verdict struct {
	op     tables.Op // Upsert also where nothing is said
	reason string    // of a Skip
}

func (w wrapping) verdict(raw [][]byte) verdict {
	switch w.top {
	case "after":
		return w.afterwards(raw)
	case "data":
		return w.ofDMS(raw)
	}
	return verdict{op: tables.Upsert}
}

func (w wrapping) afterwards(raw [][]byte) verdict {
	switch word(raw[w.at+wrapKind]) {
	case "D":
		return verdict{op: tables.Delete}
	case "T":
		return verdict{op: tables.Truncate}
	case "I", "U", "R":
		return verdict{op: tables.Upsert}
	case "", "null":
		if after := raw[w.at+wrapImage]; after != nil && jsontext.IsNull(after) {
			return verdict{op: tables.Delete}
		}
		return verdict{op: tables.Upsert}
	}
	return verdict{reason: SkipUnknownOp}
}

func (w wrapping) ofDMS(raw [][]byte) verdict {
	kind, operation := word(raw[w.at+wrapKind]), word(raw[w.at+wrapOperation])
	switch {
	case kind == "control":
		return verdict{reason: SkipSchemaChange}
	case kind == "data" && operation == "delete":
		return verdict{op: tables.Delete}
	}
	return verdict{op: tables.Upsert}
}

// clock returns when the change was made, in microseconds since 1970: CockroachDB's clock in
// nanoseconds, with a counter behind the point, or the instant that DMS writes. GoldenGate's
// clock gives no zone.
func (w wrapping) clock(raw [][]byte) (us int64, ok bool) {
	if w.top == "" {
		return 0, false
	}
	text, ok := jsontext.ScalarOrNone(raw[w.at+wrapClock])
	if !ok || len(text) == 0 {
		return 0, false
	}
	if w.top == "data" {
		at, err := time.Parse(time.RFC3339Nano, string(text))
		return at.UnixMicro(), err == nil
	}
	whole, _, _ := strings.Cut(string(text), ".")
	ns, err := strconv.ParseInt(whole, 10, 64)
	return ns / 1000, err == nil && ns > 0
}

// removeWrapped makes c the deletion of a wrapped row. The record's key says which, or the row.
func (d *flatDecoder) removeWrapped(r *codecs.Record, c *tables.Change, m []convert.Meaning, null bool) *codecs.Error {
	if !null && d.key.missing() < 0 {
		return d.remove(r, c)
	}
	at := d.wrap.at + wrapBefore
	if d.wrap.top == "data" {
		at = d.wrap.at + wrapImage
	}
	if err := d.keyIn(d.row.Raw[at], m); err != nil {
		return err
	}
	return d.remove(r, c)
}
