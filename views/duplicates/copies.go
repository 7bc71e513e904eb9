package duplicates

import (
	"fmt"
	"slices"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

// A partition gives its row of a key up when another one has a later change. Partitions are
// read side by side, so the view may read that first: the row stays then, as one that is
// left, until something later is read; readers never miss a key that the database has. A
// later change that was a deletion may be gone from the changelog, compacted. It was there
// before the row was given up: who has come to an end of the changelog that was asked for
// after that has read all that there is of it, and the row goes.

// IsDuplicate reports whether copies of a key are kept: several partitions have something of it,
// and one of them a row; or one has left its row, and nothing later was read.
func IsDuplicate(all []rows.Copy) bool {
	return len(all) > 1 && !allGone(all) || slices.ContainsFunc(all, IsLeft)
}

// IsLeft reports whether its partition has given a copy up.
func IsLeft(c rows.Copy) bool { return c.Left }

// DropLeft drops the copies that their partitions have given up and that another one has
// something later than.
func DropLeft(all []rows.Copy) ([]rows.Copy, error) {
	if len(all) < 2 || !slices.ContainsFunc(all, IsLeft) {
		return all, nil
	}
	at, err := precedencesOf(all)
	if err != nil {
		return nil, err
	}
	var out []rows.Copy
	for i, c := range all {
		outrun := slices.ContainsFunc(at, func(o tables.Precedence) bool {
			order, _ := o.Compare(at[i])
			return order > 0
		})
		if !c.Left || !outrun {
			out = append(out, c)
		}
	}
	return out, nil
}

// Clone is for copies that outlive the scan that they were found by.
func Clone(all []rows.Copy) []rows.Copy {
	out := slices.Clone(all)
	for i := range out {
		out[i].Bytes = slices.Clone(out[i].Bytes)
	}
	return out
}

// allGone reports whether no partition has a row: then the newest deletion says it all.
func allGone(all []rows.Copy) bool {
	return !slices.ContainsFunc(all, func(c rows.Copy) bool { return c.Kind != rows.Gone })
}

// Values returns the values of a copy, nil where it is not shown.
func Values(c rows.Copy) ([]tables.Value, error) {
	if c.Kind != rows.Shown {
		return nil, nil
	}
	state, err := wire.ParseStateRow(c.Bytes)
	var row tables.Row
	if err == nil {
		row, err = state.Row(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("row of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
	}
	return row.Values, nil
}

// Latest returns which of the copies of a key counts, and whether something says so.
func Latest(all []rows.Copy) (i int, settled bool, err error) {
	precedences, err := precedencesOf(all)
	if err != nil {
		return 0, false, err
	}
	i, settled = tables.Latest(precedences)
	return i, settled, nil
}

func precedencesOf(all []rows.Copy) ([]tables.Precedence, error) {
	out := make([]tables.Precedence, len(all))
	for i := range all {
		var err error
		if out[i], err = precedenceOf(&all[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// precedenceOf reads the precedence of a copy. A deletion of which nothing is known is before
// everything.
func precedenceOf(c *rows.Copy) (tables.Precedence, error) {
	if len(c.Bytes) == 0 {
		return tables.Precedence{}, nil
	}
	if c.Kind == rows.Gone {
		d, err := wire.ParseDeletion(c.Bytes)
		if err != nil {
			return tables.Precedence{}, fmt.Errorf("deletion of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
		}
		return d.Precedence(), nil
	}
	s, err := wire.ParseStateRow(c.Bytes)
	if err != nil {
		return tables.Precedence{}, fmt.Errorf("row of a key in several partitions: %w: %w", rows.ErrCorrupt, err)
	}
	return s.Precedence(), nil
}

// Tombstone makes of a copy that is not shown what a deletion's tombstone would say.
func Tombstone(c rows.Copy) []byte {
	if c.Kind == rows.Gone || c.Kind == rows.Shown || len(c.Bytes) == 0 {
		return c.Bytes
	}
	s, err := wire.ParseStateRow(c.Bytes)
	if err != nil {
		return nil
	}
	return wire.AppendDeletion(nil, hiddenBy(&s))
}

func hiddenBy(s *wire.StateRow) *wire.Deletion {
	return &wire.Deletion{Read: s.Time, Time: s.Time, Source: s.Source, Logged: s.Logged, SourcePartition: s.SourcePartition, Hidden: true}
}

// hasRow reports whether the partition of a copy has a row, hidden or not.
func hasRow(c *rows.Copy) bool {
	if c.Kind != rows.Gone {
		return true
	}
	d, err := wire.ParseDeletion(c.Bytes)
	return err == nil && d.Hidden
}
