package filter

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// An order compares the value of an expression, which is not null, with another.
type order func(v tables.Value, values []tables.Value) (sign int, known bool)

// compare compiles a comparison with one of = <> != < <= > >=.
func (c *compiler) compare(left expression, op string, right expression) expression {
	if left.literal && !right.literal {
		left, right, op = right, left, mirrored(op)
	}
	cmp := c.order(left, right)
	if c.err != nil {
		return boolean(nil)
	}
	eval := left.eval
	if left.literal {
		eval = func([]tables.Value) tables.Value { return tables.BoolValue(true) } // the order knows both sides
	}
	return boolean(func(values []tables.Value) tables.Value {
		v := eval(values)
		if v.IsNull() {
			return tables.Value{}
		}
		sign, known := cmp(v, values)
		if !known {
			return tables.Value{}
		}
		return tables.BoolValue(holds(op, sign))
	})
}

func mirrored(op string) string {
	switch op[0] {
	case '<':
		if op != "<>" {
			return ">" + op[1:]
		}
	case '>':
		return "<" + op[1:]
	}
	return op
}

func holds(op string, sign int) bool {
	switch op {
	case "=":
		return sign == 0
	case "<":
		return sign < 0
	case "<=":
		return sign <= 0
	case ">":
		return sign > 0
	case ">=":
		return sign >= 0
	}
	return sign != 0
}

// order returns how values of left compare with right.
func (c *compiler) order(left, right expression) order {
	switch {
	case c.err != nil:
		return nil
	case left.null || right.null:
		return func(tables.Value, []tables.Value) (int, bool) { return 0, false }
	case left.literal && right.literal:
		return c.literals(left, right)
	case right.literal:
		return c.with(left, right)
	case left.typ.Kind != right.typ.Kind || left.typ.Scale != right.typ.Scale:
		c.fail(right.pos, "a value of type %s is not compared with one of type %s", left.typ, right.typ)
		return nil
	}
	eval := right.eval
	return func(v tables.Value, values []tables.Value) (int, bool) {
		w := eval(values)
		return tables.Compare(v, w), !w.IsNull()
	}
}

// literals compares two literals: as numbers when both are, else as text.
func (c *compiler) literals(left, right expression) order {
	sign := strings.Compare(left.text, right.text)
	if !left.quoted || !right.quoted {
		a, ok1 := rational(left.text)
		b, ok2 := rational(right.text)
		if !ok1 || !ok2 {
			c.fail(right.pos, "%s is not compared with %s", left.describe(), right.describe())
			return nil
		}
		sign = a.Cmp(b)
	}
	return func(tables.Value, []tables.Value) (int, bool) { return sign, true }
}

// with compares with a literal, which takes the type of the left side.
func (c *compiler) with(left, right expression) order {
	switch left.typ.Kind {
	case tables.Int64, tables.DecimalKind:
		return c.withNumber(left, right)
	case tables.String, tables.JSON, tables.Bytes, tables.UUID, tables.Date, tables.Time, tables.Timestamp:
		if !right.quoted {
			c.fail(right.pos, "a value of type %s is compared with text: write '%s'", left.typ, right.text)
			return nil
		}
	}
	w, err := tables.ParseText(left.typ, right.text)
	if err != nil {
		c.fail(right.pos, "%v", err)
		return nil
	}
	return func(v tables.Value, _ []tables.Value) (int, bool) { return tables.Compare(v, w), true }
}

// withNumber compares exactly, also with a literal that the type cannot hold: 1.005
// is between two values of a decimal(12,2).
func (c *compiler) withNumber(left, right expression) order {
	r, ok := rational(right.text)
	if !ok {
		c.fail(right.pos, "%q is no number, which a value of type %s is compared with", right.text, left.typ)
		return nil
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(left.typ.Scale)), nil)
	r.Mul(r, new(big.Rat).SetInt(scale))
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, and the denominator is positive
	exact := r.IsInt()
	bound, fits := tables.DecimalFromBig(floor)
	if !fits {
		sign := -floor.Sign()
		return func(tables.Value, []tables.Value) (int, bool) { return sign, true }
	}
	isInt := left.typ.Kind == tables.Int64
	return func(v tables.Value, _ []tables.Value) (int, bool) {
		d := v.Decimal()
		if isInt {
			d = tables.DecimalFromInt64(v.Int())
		}
		sign := d.Cmp(bound)
		if sign == 0 && !exact {
			sign = -1
		}
		return sign, true
	}
}

// rational reads a number exactly; exponents of more than three digits are refused.
func rational(s string) (*big.Rat, bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if n, err := strconv.Atoi(s[i+1:]); err != nil || n > 999 || n < -999 {
			return nil, false
		}
	}
	if s == "" || strings.ContainsAny(s, "/xXpPbBoO_ ") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// among compiles IN, LIKE, ILIKE and BETWEEN.
func (c *compiler) among(left expression, w *amongRule) expression {
	if left.literal {
		c.fail(left.pos, "a column is expected on the left side, found %s", left.describe())
		return boolean(nil)
	}
	switch {
	case w.Between != nil:
		low := c.condition(c.compare(left, ">=", c.operand(w.Between.Low)))
		high := c.condition(c.compare(left, "<=", c.operand(w.Between.High)))
		terms := []evaluation{low, high}
		return boolean(func(values []tables.Value) tables.Value { return any3(terms, values, false) })
	case w.Like != nil:
		return c.like(left, w.Like, false)
	case w.ILike != nil:
		return c.like(left, w.ILike, true)
	}
	var terms []evaluation
	for _, o := range w.In {
		terms = append(terms, c.condition(c.compare(left, "=", c.operand(o))))
	}
	return boolean(func(values []tables.Value) tables.Value { return any3(terms, values, true) })
}

// like compiles a match with a pattern in which % is any text, _ any character,
// and a backslash takes the meaning off the next character.
func (c *compiler) like(left expression, right *operandRule, fold bool) expression {
	p := c.operand(right)
	switch {
	case c.err != nil:
		return boolean(nil)
	case left.typ.Kind != tables.String:
		c.fail(left.pos, "LIKE needs a string, found %s", left.describe())
		return boolean(nil)
	case !p.quoted:
		c.fail(p.pos, "LIKE needs a pattern in single quotes")
		return boolean(nil)
	}
	pattern, eval := parsePattern(p.text, fold), left.eval
	return boolean(func(values []tables.Value) tables.Value {
		v := eval(values)
		if v.IsNull() {
			return tables.Value{}
		}
		return tables.BoolValue(pattern.match(v.Str()))
	})
}
