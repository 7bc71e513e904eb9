package query

import (
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// truth is a value of SQL's logic, in which Not is 2 minus it, And the least and Or
// the greatest.
type truth int8

const (
	untrue truth = iota
	unknown
	isTrue
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return untrue
}

// Match reports whether a row, one value per column of the table, is kept by the
// filter; nil keeps every row.
func Match(e Expr, row []tables.Value) bool { return judge(e, row) == isTrue }

func judge(e Expr, row []tables.Value) truth {
	switch e := e.(type) {
	case nil:
		return isTrue
	case And:
		out := isTrue
		for i := 0; i < len(e) && out != untrue; i++ {
			out = min(out, judge(e[i], row))
		}
		return out
	case Or:
		out := untrue
		for i := 0; i < len(e) && out != isTrue; i++ {
			out = max(out, judge(e[i], row))
		}
		return out
	case Not:
		return isTrue - judge(e.Expr, row)
	case Is:
		v := row[e.Column]
		switch e.Test {
		case IsNull:
			return truthOf(v.IsNull())
		case IsTrue:
			return truthOf(!v.IsNull() && v.Bool())
		}
		return truthOf(!v.IsNull() && !v.Bool())
	case Compare:
		return judgeValue(row[e.Column], func(v tables.Value) bool { return e.Op.holds(tables.Compare(v, e.Value)) })
	case In:
		return judgeValue(row[e.Column], func(v tables.Value) bool {
			return slices.ContainsFunc(e.Values, func(w tables.Value) bool { return tables.Compare(v, w) == 0 })
		})
	case Like:
		return judgeValue(row[e.Column], func(v tables.Value) bool { return e.Matcher()(v.Str()) })
	}
	return unknown
}

func judgeValue(v tables.Value, test func(tables.Value) bool) truth {
	if v.IsNull() {
		return unknown
	}
	return truthOf(test(v))
}

func (op CompareOp) holds(order int) bool {
	switch op {
	case Eq:
		return order == 0
	case Neq:
		return order != 0
	case Gt:
		return order > 0
	case Gte:
		return order >= 0
	case Lt:
		return order < 0
	}
	return order <= 0
}
