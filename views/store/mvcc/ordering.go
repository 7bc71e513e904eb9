package mvcc

import (
	"cmp"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// Ordering compares the rows of one version in a query's order, ties by key.
type Ordering struct {
	Version *Version
	Terms   []query.Order
}

// NewOrdering orders the rows of v.
func NewOrdering(v *Version, terms []query.Order) *Ordering {
	return &Ordering{Version: v, Terms: terms}
}

// Entry is a row with as much of its first term as an int64 holds.
type Entry struct {
	First int64
	Rank  uint8 // 1 where the first term's nulls are apart and after
	Ref   Ref
}

// Entry returns the entry of a row.
func (o *Ordering) Entry(r Ref) Entry {
	if len(o.Terms) == 0 {
		return Entry{Ref: r}
	}
	t := o.Terms[0]
	if o.Version.IsNull(r, t.Column) {
		return Entry{Rank: btou(!t.NullsFirst), Ref: r}
	}
	e := Entry{Rank: PresentRank(t), First: o.Version.prefix(r, t.Column), Ref: r}
	if t.Descending {
		e.First = ^e.First
	}
	return e
}

// PresentRank is the rank of what is not null.
func PresentRank(t query.Order) uint8 { return btou(t.NullsFirst) }

// Compare orders two entries. It is 0 for a row and itself only.
func (o *Ordering) Compare(a, b *Entry) int {
	if a.Rank != b.Rank {
		return cmp.Compare(a.Rank, b.Rank)
	}
	if a.First != b.First {
		return cmp.Compare(a.First, b.First)
	}
	if c := o.CompareTerms(a.Ref, b.Ref, 0, len(o.Terms)); c != 0 {
		return c
	}
	return o.Version.compareKeys(a.Ref, b.Ref)
}

// CompareTerms orders two rows by the terms from from to to.
func (o *Ordering) CompareTerms(a, b Ref, from, to int) int {
	for _, t := range o.Terms[from:to] {
		an, bn := o.Version.IsNull(a, t.Column), o.Version.IsNull(b, t.Column)
		if an || bn {
			if c := cmp.Compare(btou(an), btou(bn)); c != 0 {
				if t.NullsFirst {
					return -c
				}
				return c
			}
			continue
		}
		if c := o.Version.compareColumn(a, b, t.Column); c != 0 {
			if t.Descending {
				return -c
			}
			return c
		}
	}
	return 0
}

// CompareBookmark orders a row against the place of a bookmark.
func (o *Ordering) CompareBookmark(r Ref, b *query.Bookmark) int {
	for i, t := range o.Terms {
		c := CompareTerm(t, o.Version.Value(r, t.Column), b.Values[i])
		if c != 0 {
			return c
		}
	}
	var buf [64]byte
	key := o.Version.AppendKey(buf[:0], r)
	return column.CompareText(string(key), string(b.Key))
}

// CompareTerm orders two values by one term.
func CompareTerm(t query.Order, a, b tables.Value) int {
	if an, bn := a.IsNull(), b.IsNull(); an || bn {
		c := cmp.Compare(btou(an), btou(bn))
		if t.NullsFirst {
			return -c
		}
		return c
	}
	c := tables.Compare(a, b)
	if t.Descending {
		return -c
	}
	return c
}

// Bookmark returns the place of a row.
func (o *Ordering) Bookmark(r Ref) *query.Bookmark {
	b := &query.Bookmark{Values: make([]tables.Value, len(o.Terms))}
	for i, t := range o.Terms {
		b.Values[i] = o.Version.Value(r, t.Column)
	}
	b.Key = tables.Key(o.Version.AppendKey(nil, r))
	return b
}

// CheckBookmark returns an error when a bookmark does not belong to the order.
func (o *Ordering) CheckBookmark(b *query.Bookmark) error {
	if len(b.Values) != len(o.Terms) {
		return fmt.Errorf("bookmark has %d values, the order %d", len(b.Values), len(o.Terms))
	}
	for i, t := range o.Terms {
		if v := b.Values[i]; !v.IsNull() && v.Kind() != o.Version.Layout.Types[t.Column].Kind {
			return fmt.Errorf("bookmark: value %d is of type %s, its column %s", i+1, v.Kind(), o.Version.Layout.Types[t.Column])
		}
	}
	return nil
}
