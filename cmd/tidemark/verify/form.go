package verify

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tidemark/tidemark/tables"
)

// form is how a column of the database is read and compared: an expression whose text is
// the value, or the reason why there is none.
type form struct {
	sql    string
	reason string
	// read makes a value of the text; nil reads it as tables.ParseText does.
	read func(t tables.Type, text string) (tables.Value, error)
	// same compares the database's text with the text of the table's value, where one
	// value has several texts; nil compares values.
	same func(database, table string) bool
}

// as is a form that is read as it is.
func as(sql string) form { return form{sql: sql} }

// alike is a form that is compared by a rule of its own.
func alike(sql string, same func(database, table string) bool) form {
	return form{sql: sql, same: same, read: asText}
}

// never is the form of a column that is not compared.
func never(format string, args ...any) form { return form{reason: fmt.Sprintf(format, args...)} }

// uncompared is the form of a column whose types do not go together.
func uncompared(native string, t tables.Type) form {
	return never("a column of type %s is not compared with a declared %s", native, t)
}

// asText keeps a text for a rule of its own: it need not be one of the declared type.
func asText(_ tables.Type, text string) (tables.Value, error) { return tables.StringValue(text), nil }

// counted is the form of a number that stands for a time, as the column's encoding says.
func counted(sql string, e tables.Encoding) (form, bool) {
	days := map[tables.Encoding]bool{tables.EncodingEpochDays: true}
	units := map[tables.Encoding]int64{ // in a microsecond; negative: microseconds in one
		tables.EncodingEpochMs: -1000, tables.EncodingEpochUs: 1, tables.EncodingEpochNs: 1000,
		tables.EncodingTimeMs: -1000, tables.EncodingTimeUs: 1, tables.EncodingTimeNs: 1000,
	}
	unit, known := units[e]
	if !known && !days[e] {
		return form{}, false
	}
	return form{sql: sql, read: func(t tables.Type, text string) (tables.Value, error) {
		v, err := tables.ParseText(tables.Type{Kind: tables.Int64}, text)
		if err != nil {
			return v, err
		}
		n := v.Int()
		switch {
		case unit < 0:
			n *= -unit
		case unit > 1:
			n = floorDiv(n, unit)
		}
		return clockValue(t, n)
	}}, true
}

// clamped reads a whole number, which ends where int64 does, as intervals do in events.
func clamped(t tables.Type, text string) (tables.Value, error) {
	n, ok := new(big.Int).SetString(text, 10)
	switch {
	case !ok || t.Kind != tables.Int64 || n.IsInt64():
		return tables.ParseText(t, text)
	case n.Sign() < 0:
		return tables.Int64Value(math.MinInt64), nil
	}
	return tables.Int64Value(math.MaxInt64), nil
}

// clockValue makes a value of days or microseconds.
func clockValue(t tables.Type, n int64) (tables.Value, error) {
	switch t.Kind {
	case tables.Date:
		return tables.DateValue(n), nil
	case tables.Time:
		return tables.TimeValue(n), nil
	case tables.Timestamp:
		return tables.TimestampValue(n), nil
	}
	return tables.Value{}, fmt.Errorf("%s is no date or time", t)
}

func floorDiv(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}
