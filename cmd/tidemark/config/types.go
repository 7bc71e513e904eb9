package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// aliases are SQL's names of types. A table's definition holds our own names only, so that
// a file may change from one to the other without a change of the table.
var aliases = map[string]string{
	"bigint": "int64", "integer": "int64", "smallint": "int64", "boolean": "bool", "numeric": "decimal",
	"text": "string", "varchar": "string", "double precision": "float64", "real": "float64",
	"jsonb": "json", "timestamptz": "timestamp", "bytea": "bytes",
}

// limited are the types that SQL writes with a length or with the digits of a second, neither
// of which changes what is kept here.
var limited = []string{"varchar", "timestamptz", "timestamp", "time"}

// parseType reads a type by our name or by SQL's, in small letters or in capitals.
func parseType(s string) (tables.Type, error) {
	name, args, bracket := strings.Cut(strings.ToLower(s), "(")
	name = strings.Join(strings.Fields(name), " ")
	if bracket && slices.Contains(limited, name) && length(args) {
		bracket = false
	}
	if ours, known := aliases[name]; known {
		name = ours
	}
	if bracket {
		name += "(" + args
	}
	return tables.ParseType(name)
}

// length reports whether the text is a number with the bracket that ends it.
func length(s string) bool {
	number, rest, closed := strings.Cut(s, ")")
	number = strings.TrimSpace(number)
	noDigit := func(r rune) bool { return r < '0' || r > '9' }
	return closed && strings.TrimSpace(rest) == "" && number != "" && len(number) <= 9 && !strings.ContainsFunc(number, noDigit)
}

// suggestType ends a message with the nearest name of a type, SQL's included, or with all of ours.
func suggestType(s string) string {
	name, _, _ := strings.Cut(s, "(")
	name = strings.ToLower(strings.TrimSpace(name))
	names := slices.Concat(tables.TypeNames(), slices.Sorted(maps.Keys(aliases)))
	near := query.Nearest(name, names)
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, name+" ") }); i >= 0 {
		near = names[i]
	}
	if near != "" {
		return suggest(near, []string{near})
	}
	return suggest(s, tables.TypeNames())
}

// decimalName returns which of the names of a decimal the text begins with, or nothing.
func decimalName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, name := range []string{"decimal", "numeric"} {
		if strings.HasPrefix(s, name) {
			return name
		}
	}
	return ""
}
