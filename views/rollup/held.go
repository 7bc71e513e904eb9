package rollup

import (
	"github.com/tidwall/btree"

	"github.com/tidemark/tidemark/tables"
)

// held is the values of a column that are not null, in order, with how often each is there.
type held interface {
	count(v tables.Value, n int64)
	distinct() int
	// least and most return null when there is no value.
	least() tables.Value
	most() tables.Value
}

// degree of the trees of values: most groups have few.
const degree = 16

func newHeld(t tables.Type) held {
	switch t.Kind {
	case tables.Int64, tables.Date, tables.Time, tables.Timestamp:
		return &numbers{kind: t.Kind, tree: btree.NewMap[int64, int64](degree)}
	case tables.DecimalKind:
		if t.Precision <= shortDecimal {
			return &numbers{kind: t.Kind, tree: btree.NewMap[int64, int64](degree)}
		}
	}
	return &forms{of: []tables.Type{t}, tree: btree.NewMap[tables.Key, int64](degree)}
}

// shortDecimal is the most digits that fit 64 bits.
const shortDecimal = 18

// numbers are values that 64 bits hold: they take a fifth of what their forms do.
type numbers struct {
	kind tables.Kind
	tree *btree.Map[int64, int64]
}

func (h *numbers) count(v tables.Value, n int64) {
	x := v.Int() // of a short decimal, too, these are the lower bits, with the sign
	if was, _ := h.tree.Get(x); was+n != 0 {
		h.tree.Set(x, was+n)
	} else {
		h.tree.Delete(x)
	}
}

func (h *numbers) distinct() int { return h.tree.Len() }

func (h *numbers) least() tables.Value { return h.value(h.tree.Min()) }

func (h *numbers) most() tables.Value { return h.value(h.tree.Max()) }

func (h *numbers) value(x, _ int64, there bool) tables.Value {
	if !there {
		return tables.Value{}
	}
	switch h.kind {
	case tables.Date:
		return tables.DateValue(x)
	case tables.Time:
		return tables.TimeValue(x)
	case tables.Timestamp:
		return tables.TimestampValue(x)
	case tables.DecimalKind:
		return tables.DecimalValue(tables.DecimalFromInt64(x))
	}
	return tables.Int64Value(x)
}

// forms are values by their canonical form, which orders as they do.
type forms struct {
	of   []tables.Type
	tree *btree.Map[tables.Key, int64]
}

func (h *forms) count(v tables.Value, n int64) {
	form := tables.EncodeKey(v)
	if was, _ := h.tree.Get(form); was+n != 0 {
		h.tree.Set(form, was+n)
	} else {
		h.tree.Delete(form)
	}
}

func (h *forms) distinct() int { return h.tree.Len() }

func (h *forms) least() tables.Value { return h.value(h.tree.Min()) }

func (h *forms) most() tables.Value { return h.value(h.tree.Max()) }

func (h *forms) value(form tables.Key, _ int64, there bool) tables.Value {
	if !there {
		return tables.Value{}
	}
	decoded, err := tables.DecodeKey(form, h.of)
	if err != nil {
		return tables.Value{} // it was encoded here, of this type
	}
	return decoded[0]
}
