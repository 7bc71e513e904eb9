// Package fold is the rule by which changes become rows, without any input or output:
// (what is known of a key, a change) -> a row or a deletion, and a verdict.
//
// Changes are ordered by offset in the source partition. A change with a lower offset than
// the row, or than the row's deletion, is a replay and is dropped. A change with the same
// offset is written again: after a failed produce the local state has the row and the
// changelog does not. It is not written again when its row was given up for a later change
// in another partition. Every other change replaces the row, whatever its operation is
// called: an insert may meet a key that exists, and an update a key that does not.
//
// Between changes of one key from different partitions of the source, where the records are
// repartitioned by their keys, tables.Precedence decides which is later.
//
// A connector that restarts after a crash sends events again, at later offsets. Between
// streamed events of one key the database's own position detects this: see repeats. A
// restored database starts at lower positions; its times show that these are new events.
//
// A value that the source's log did not carry keeps the value of the row before. After a
// change of primary key that is the last row of the old key.
package fold

import "github.com/tidemark/tidemark/tables"

// Verdict says what was done with a change.
type Verdict uint8

// The verdicts.
const (
	Applied   Verdict = iota // it replaced or removed the row
	Filled                   // it replaced the row, which gave it some values
	Hidden                   // it replaced the row, which is outside the table's where
	Duplicate                // the row came from this very change, and is written again
	Older                    // a newer change is known: nothing is written
	Repeated                 // the source has sent it before, and something newer since: nothing is written
	Outrun                   // another partition of the source has had a later one: nothing is written
)

var names = [...]string{Applied: "applied", Filled: "filled", Hidden: "hidden", Duplicate: "duplicate", Older: "older", Repeated: "repeated", Outrun: "outrun"}

// String returns the verdict's name, a metric's label.
func (v Verdict) String() string { return names[v] }

// Verdicts lists them all.
func Verdicts() []Verdict {
	return []Verdict{Applied, Filled, Hidden, Duplicate, Older, Repeated, Outrun}
}

// Passes reports whether nothing is to be written.
func (v Verdict) Passes() bool { return v == Older || v == Repeated || v == Outrun }

// NoOffset is the offset of a deletion that is not known.
const NoOffset int64 = -1

// Known is what is known of a change's key. The zero value with Deleted set to
// NoOffset is a key that was never seen, or was not looked for.
type Known struct {
	Row     *tables.Row // the row, or nil
	Deleted int64       // the source offset of the key's deletion, or NoOffset
	// Source and Time are those of the last streamed event that the row, or the
	// deletion, reflects; Source is not known when there was none.
	Source tables.SourcePosition
	Time   int64
	// SourcePartition and Precedence are the row's, or the deletion's. SourcePartition is 0 where the source's
	// records stay in its own partitions, or are not known to.
	SourcePartition int32
	Precedence      tables.Precedence
	// GivenUp says that the source has deleted nothing: there was a row, of the change at
	// Deleted, and it was given up for a later change in another partition.
	GivenUp bool
	// Again says that the source may have begun again, so that the change can be a
	// repetition. Without that sign the order of the topic counts alone.
	Again bool
	// Last is the row that the change continues: the last row of the old key after a
	// change of primary key. A row that the new key still has is no part of that.
	Last *tables.Row
}

// Rules are what a table adds to the fold. Nil functions are left out.
type Rules struct {
	// Where reports whether a row of these values belongs to the table.
	Where func([]tables.Value) bool
	// Merge returns a document whose placeholders are replaced by the stored document's
	// values; stored is nil when there is none.
	Merge func(document, stored []byte) []byte
}

// Outcome is what to do with a change. Nothing is to be written for verdicts that pass it by.
type Outcome struct {
	Verdict Verdict
	Delete  bool
	Row     tables.Row // unless Delete; its values and document may be the change's own
}

// Fold applies an Upsert or a Delete. It changes the values of c where it fills them.
func (r *Rules) Fold(k Known, c *tables.Change) Outcome {
	out := Outcome{Verdict: k.Place(c), Delete: c.Op == tables.Delete}
	if out.Verdict.Passes() || out.Delete {
		return out
	}
	filled := false
	out.Row = tables.Row{
		Values: c.Values, Document: c.Document, Offset: c.Offset, Time: c.Time, Source: c.Source, Logged: c.Logged, SourcePartition: c.SourcePartition,
	}
	if k.Elsewhere(c) {
		order, settled := c.Precedence().Compare(k.Precedence)
		out.Row.Unsettled = order == 0 && !settled
	}
	if c.Source.Snapshot {
		out.Row.Streamed, out.Row.StreamedTime = k.Source, k.Time
	}
	if c.Incomplete {
		filled = r.fill(&out.Row, k)
	}
	out.Row.Hidden = r.Where != nil && !r.Where(out.Row.Values)
	if out.Verdict == Applied {
		switch {
		case out.Row.Hidden:
			out.Verdict = Hidden
		case filled:
			out.Verdict = Filled
		}
	}
	return out
}

// Place returns how a change compares with what is known of its key: Older, Repeated,
// Outrun, Duplicate, or Applied when it is new.
func (k *Known) Place(c *tables.Change) Verdict {
	newest := k.Deleted
	if k.Row != nil && k.Row.Offset > newest {
		newest = k.Row.Offset
	}
	switch {
	case c.Offset < newest, c.Offset == newest && k.GivenUp:
		return Older
	case c.Offset == newest:
		return Duplicate
	case k.Elsewhere(c):
		if order, _ := c.Precedence().Compare(k.Precedence); order < 0 {
			return Outrun
		}
	case k.repeats(c):
		return Repeated
	}
	return Applied
}

// Elsewhere reports whether a change comes from another partition of the source than what
// is known: then the offsets of the topic by keys say nothing but when they were read.
func (k *Known) Elsewhere(c *tables.Change) bool {
	return k.SourcePartition != 0 && c.SourcePartition != 0 && k.SourcePartition != c.SourcePartition
}

// repeats reports whether the source has sent a change before. Positions of the
// database's log rise per key, so what is at or before the last streamed event of the
// key, and is earlier by the database's clock as well, was sent before it. After a
// restore positions begin lower, at later times; where there is no clock to compare, the
// order of the topic counts.
//
// Snapshot events have no position in that order. What a snapshot has written since is
// newer than the last streamed event before it, so there an equal position is a
// repetition, too; otherwise an equal one does no harm, and not every kind of
// position is unique.
func (k *Known) repeats(c *tables.Change) bool {
	order, ok := c.Source.Order(k.Source)
	if !k.Again || !ok || c.Time > k.Time {
		return false
	}
	// A deletion without a position of its own counts as right behind what it deleted.
	behind := c.Time < k.Time || c.Source.Major == k.Source.Major && c.Source.Minor == k.Source.Minor
	return order < 0 && behind || order == 0 && k.Row != nil && k.Row.Source.Snapshot
}

// fill takes the values that the change does not carry from the stored row, or from
// the row that it continues. It reports whether there was one.
func (r *Rules) fill(row *tables.Row, k Known) bool {
	stored := k.Last
	if stored == nil {
		stored = k.Row
	}
	if stored == nil || len(stored.Values) != len(row.Values) {
		stored = nil
	}
	var document []byte
	if stored != nil {
		document = stored.Document
		for i, v := range row.Values {
			if v.Kind() == tables.Unavailable {
				row.Values[i] = stored.Values[i]
			}
		}
	}
	if r.Merge != nil && row.Document != nil {
		row.Document = r.Merge(row.Document, document)
	}
	return stored != nil
}
