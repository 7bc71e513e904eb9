package verify

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// sameItems compares two arrays in JSON, item by item, by the rule for the type that the
// items have in the database.
func sameItems(native string) func(a, b string) bool {
	text := itemRule(native)
	rule := func(a, b any) bool {
		p, ok1 := leaf(a)
		q, ok2 := leaf(b)
		return ok1 && ok2 && text(p, q)
	}
	return func(a, b string) bool {
		if a == b {
			return true
		}
		x, err1 := decodeJSON(a)
		y, err2 := decodeJSON(b)
		return err1 == nil && err2 == nil && sameTree(x, y, rule)
	}
}

// sameTree compares what JSON holds; rule decides about what is no array and no object.
func sameTree(a, b any, rule func(a, b any) bool) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameTree(x[i], y[i], rule) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if v, has := y[k]; !has || !sameTree(x[k], v, rule) {
				return false
			}
		}
		return true
	case nil:
		return b == nil
	}
	return rule(a, b)
}

// leaf is the text of a value that is no array, object or null.
func leaf(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		if x {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// itemRule is how two items of a type of PostgreSQL are compared, in whatever form the
// table has them.
func itemRule(native string) func(a, b string) bool {
	switch native {
	case "numeric", "int2", "int4", "int8", "oid":
		return sameNumber
	case "money":
		return func(a, b string) bool { return sameNumber(strings.NewReplacer("$", "", ",", "").Replace(a), b) }
	case "float4":
		return sameSingle
	case "float8":
		return sameFloat
	case "date":
		return sameClock(tables.Date)
	case "time":
		return sameClock(tables.Time)
	case "timestamp", "timestamptz":
		return sameClock(tables.Timestamp)
	case "timetz":
		return sameZoned
	case "interval":
		return sameInterval
	case "bit", "varbit":
		return sameBits
	case "bytea":
		return func(a, b string) bool {
			raw, err := hex.DecodeString(strings.TrimPrefix(a, `\x`))
			return err == nil && sameBytes(base64.StdEncoding.EncodeToString(raw), b)
		}
	case "json", "jsonb":
		return sameJSON
	}
	return func(a, b string) bool { return a == b }
}

// samePoint compares a point by its coordinates; what else connectors say about it follows from them.
func samePoint(a, b string) bool {
	var x, y struct{ X, Y *float64 }
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return x.X != nil && x.Y != nil && y.X != nil && y.Y != nil && *x.X == *y.X && *x.Y == *y.Y
}
