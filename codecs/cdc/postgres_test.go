package cdc

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// samePostgres compares values whose text PostgreSQL writes differently.
func samePostgres(t *testing.T) func(tables.Column, *string, *string) bool {
	t.Helper()
	return func(c tables.Column, got, want *string) bool {
		if got == nil || want == nil {
			return false
		}
		switch c.Type.Kind {
		case tables.Bytes:
			b, err := base64.StdEncoding.DecodeString(*got)
			return err == nil && `\x`+hex.EncodeToString(b) == *want
		case tables.JSON:
			return sameValue(*got, *want) || sameValue(*got, arrayAsJSON(*want)) || sameValue(*got, hstoreAsJSON(*want))
		case tables.Timestamp:
			us, err := tables.ParseTimestamp(*want)
			return err == nil && string(tables.AppendTimestamp(nil, us)) == *got
		case tables.Date:
			d, err := tables.ParseDate(*want)
			return err == nil && string(tables.AppendDate(nil, d)) == *got
		case tables.Time:
			us, err := tables.ParseTime(*want)
			return err == nil && string(tables.AppendTime(nil, us)) == *got
		case tables.Float64:
			x, err1 := strconv.ParseFloat(*got, 64)
			y, err2 := strconv.ParseFloat(*want, 64)
			return err1 == nil && err2 == nil && (x == y || float32(x) == float32(y) && strings.HasPrefix(c.Name, "c_real"))
		case tables.DecimalKind:
			x, err1 := tables.ParseDecimal(*got, c.Type)
			y, err2 := tables.ParseDecimal(*want, c.Type)
			return err1 == nil && err2 == nil && x == y
		}
		return false
	}
}

func sameValue(a, b string) bool {
	read := func(s string) (v any, ok bool) {
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		return v, d.Decode(&v) == nil
	}
	x, ok1 := read(a)
	y, ok2 := read(b)
	return ok1 && ok2 && reflect.DeepEqual(x, y)
}

// arrayAsJSON turns PostgreSQL's text of an array without nulls and quotes into JSON.
func arrayAsJSON(s string) string {
	if !strings.HasPrefix(s, "{") {
		return ""
	}
	in := s[1 : len(s)-1]
	if in == "" {
		return "[]"
	}
	parts := strings.Split(in, ",")
	for i, p := range parts {
		if p == "NULL" {
			parts[i] = "null"
		} else if _, err := strconv.ParseInt(p, 10, 64); err != nil {
			parts[i] = strconv.Quote(p)
		}
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// hstoreAsJSON turns PostgreSQL's text of an hstore into JSON.
func hstoreAsJSON(s string) string {
	return "{" + strings.ReplaceAll(strings.ReplaceAll(s, `"=>`, `":`), ":NULL", ":null") + "}"
}
