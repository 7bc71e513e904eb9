package filter

import (
	"fmt"
	"math"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

func operand(l *column.Schema, col int, v tables.Value) error {
	if err := l.Known(col); err != nil {
		return err
	}
	if v.Kind() != l.Types[col].Kind {
		return fmt.Errorf("column %s is %s and cannot be compared with a value of type %s",
			l.Table.Columns[col].Name, l.Types[col], v.Kind())
	}
	return nil
}

func compareLeaf(l *column.Schema, e query.Compare, not bool) (Condition, error) {
	if err := operand(l, e.Column, e.Value); err != nil {
		return nil, err
	}
	op := e.Op
	if op == query.Neq {
		op, not = query.Eq, !not
	}
	out := Leaf{Col: e.Column, Not: not}
	switch l.Forms[e.Column] {
	case column.FormInt:
		if v := e.Value; v.Kind() == tables.DecimalKind && v.Decimal() != tables.DecimalFromInt64(int64(v.Decimal().Lo)) {
			return nil, fmt.Errorf("column %s: %w", l.Table.Columns[e.Column].Name, tables.ErrDecimalRange)
		}
		out.Test = rangeOf(op, e.Value)
	case column.FormWide:
		w := column.WideOf(e.Value)
		t := WideTest{match: func(x column.Wide) bool { return holds(op, x.Compare(w)) }}
		if op == query.Eq {
			t.Equal = []column.Wide{w}
		}
		out.Test = t
	case column.FormText:
		s := e.Value.Str()
		t := TextTest{match: func(x string) bool { return holds(op, column.CompareText(x, s)) }, Order: &TextOrder{op, s}}
		if op == query.Eq {
			t.Equal = []string{s}
			t.match = func(x string) bool { return x == s }
		}
		out.Test = t
	}
	return out, nil
}

func holds(op query.CompareOp, c int) bool {
	switch op {
	case query.Gt:
		return c > 0
	case query.Gte:
		return c >= 0
	case query.Lt:
		return c < 0
	case query.Lte:
		return c <= 0
	case query.Neq:
		return c != 0
	}
	return c == 0
}

// rangeOf returns the int64s that compare so with v. Both zeros of a float are equal.
func rangeOf(op query.CompareOp, v tables.Value) IntRange {
	low := column.IntOf(v)
	high := low
	if v.Kind() == tables.Float64 && v.Float() == 0 {
		low, high = column.NegativeZero, 0
	}
	nothing := IntRange{1, 0}
	switch op {
	case query.Lt:
		if low == math.MinInt64 {
			return nothing
		}
		return IntRange{math.MinInt64, low - 1}
	case query.Lte:
		return IntRange{math.MinInt64, high}
	case query.Gt:
		if high == math.MaxInt64 {
			return nothing
		}
		return IntRange{high + 1, math.MaxInt64}
	case query.Gte:
		return IntRange{low, math.MaxInt64}
	}
	return IntRange{low, high}
}

func inLeaf(l *column.Schema, e query.In, not bool) (Condition, error) {
	if err := l.Known(e.Column); err != nil {
		return nil, err
	}
	for _, v := range e.Values {
		if err := operand(l, e.Column, v); err != nil {
			return nil, err
		}
	}
	out := Leaf{Col: e.Column, Not: not}
	switch l.Forms[e.Column] {
	case column.FormInt:
		out.Test = intSetOf(e.Values)
	case column.FormWide:
		set := make(map[column.Wide]struct{}, len(e.Values))
		equal := make([]column.Wide, 0, len(e.Values))
		for _, v := range e.Values {
			set[column.WideOf(v)] = struct{}{}
			equal = append(equal, column.WideOf(v))
		}
		out.Test = WideTest{match: func(w column.Wide) bool { _, ok := set[w]; return ok }, Equal: equal}
	case column.FormText:
		set := make(map[string]struct{}, len(e.Values))
		equal := make([]string, 0, len(e.Values))
		for _, v := range e.Values {
			if _, ok := set[v.Str()]; !ok {
				set[v.Str()] = struct{}{}
				equal = append(equal, v.Str())
			}
		}
		out.Test = TextTest{match: func(s string) bool { _, ok := set[s]; return ok }, Equal: equal}
	}
	return out, nil
}

func isLeaf(l *column.Schema, e query.Is, not bool) (Condition, error) {
	if err := l.Known(e.Column); err != nil {
		return nil, err
	}
	if e.Test == query.IsNull {
		// True for nulls and false for values, or the other way round.
		return Leaf{Col: e.Column, Test: anything{}, Not: !not, Nulls: !not}, nil
	}
	if l.Types[e.Column].Kind != tables.Bool {
		return nil, fmt.Errorf("column %s is %s, not bool", l.Table.Columns[e.Column].Name, l.Types[e.Column])
	}
	want := rangeOf(query.Eq, tables.BoolValue(e.Test == query.IsTrue))
	return Leaf{Col: e.Column, Test: want, Not: not, Nulls: not}, nil
}

func likeLeaf(l *column.Schema, e query.Like, not bool) (Condition, error) {
	if err := l.Known(e.Column); err != nil {
		return nil, err
	}
	if k := l.Types[e.Column].Kind; k != tables.String && k != tables.JSON {
		return nil, fmt.Errorf("column %s is %s, and only text can be matched with a pattern",
			l.Table.Columns[e.Column].Name, l.Types[e.Column])
	}
	return Leaf{Col: e.Column, Not: not, Test: TextTest{match: e.Matcher()}}, nil
}

// intSetOf returns the distinct values, ascending. Either zero of a float brings both.
func intSetOf(values []tables.Value) IntSet {
	out := make([]int64, 0, len(values))
	for _, v := range values {
		out = append(out, column.IntOf(v))
		if v.Kind() == tables.Float64 && v.Float() == 0 {
			out = append(out, column.NegativeZero, 0)
		}
	}
	slices.Sort(out)
	return IntSet{slices.Compact(out)}
}
