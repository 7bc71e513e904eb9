package catalogue

import (
	"fmt"
	"testing"
)

// Rows as PostgreSQL 15 gives them.
func TestColumnsOfPostgres(t *testing.T) {
	for _, c := range []struct {
		row  postgresRow
		want string
	}{
		{postgresRow{"n", "numeric(12,3)", "numeric", "b", 786439, false, "", "", false, false}, "numeric 12,3"},
		{postgresRow{"n", "numeric(2,-3)", "numeric", "b", 133121, false, "", "", false, false}, "numeric 2,-3"},
		{postgresRow{"n", "numeric", "numeric", "b", -1, false, "", "", false, false}, "numeric 0,0"},
		{postgresRow{"n", "price", "numeric", "b", 917512, false, "", "", true, false}, "numeric 14,4"},
		{postgresRow{"m", "money", "money", "b", -1, false, "", "", false, false}, "money 19,2"},
		{postgresRow{"t", "timestamp without time zone", "timestamp", "b", -1, false, "", "", false, false}, "timestamp .6"},
		{postgresRow{"t", "timestamp(3) with time zone", "timestamptz", "b", 3, false, "", "", false, false}, "timestamptz .3"},
		{postgresRow{"t", "time(0) without time zone", "time", "b", 0, false, "", "", false, false}, "time .0"},
		{postgresRow{"b", "bit(8)", "bit", "b", 8, false, "", "", false, false}, "bit #8"},
		{postgresRow{"b", "bit varying", "varbit", "b", -1, false, "", "", false, false}, "varbit #0"},
		{postgresRow{"e", "mood", "mood", "e", -1, false, "", "", false, false}, "mood enum"},
		{postgresRow{"c", "comp", "comp", "c", -1, false, "", "", false, false}, "comp composite"},
		{postgresRow{"a", "numeric(10,2)[]", "_numeric", "b", 655366, true, "numeric", "b", false, false}, "array of numeric 10,2"},
		{postgresRow{"a", "mood[]", "_mood", "b", -1, true, "mood", "e", false, false}, "array of mood enum"},
		{postgresRow{"g", "integer", "int4", "b", -1, false, "", "", false, true}, "int4 computed"},
	} {
		got := c.row.column()
		if text := describe(got); text != c.want || got.Declared != c.row.declared || got.Nullable == c.row.notNull {
			t.Errorf("%s: %s, want %s", c.row.declared, text, c.want)
		}
	}
}

// Rows as MariaDB 10.11 gives them.
func TestColumnsOfMySQL(t *testing.T) {
	for _, c := range []struct {
		row  mysqlRow
		want string
	}{
		{mysqlRow{"n", "decimal", "decimal(10,2) unsigned", 10, 2, 0, true}, "decimal 10,2 unsigned"},
		{mysqlRow{"n", "bigint", "bigint(20) unsigned", 20, 0, 0, true}, "bigint unsigned"},
		{mysqlRow{"n", "tinyint", "tinyint(1)", 3, 0, 0, true}, "tinyint"},
		{mysqlRow{"t", "datetime", "datetime(3)", 0, 0, 3, true}, "datetime .3"},
		{mysqlRow{"t", "time", "time", 0, 0, 0, true}, "time .0"},
		{mysqlRow{"b", "bit", "bit(8)", 8, 0, 0, true}, "bit #8"},
		{mysqlRow{"e", "set", "set('a','b')", 0, 0, 0, false}, "set enum"},
		{mysqlRow{"j", "longtext", "longtext", 0, 0, 0, true}, "longtext"},
	} {
		got := c.row.column()
		if text := describe(got); text != c.want || got.Nullable != c.row.nullable {
			t.Errorf("%s: %s, want %s", c.row.declared, text, c.want)
		}
	}
}

func describe(c Column) string {
	out := c.Type
	switch {
	case c.Items != nil:
		return out + " of " + describe(*c.Items)
	case c.Type == "numeric" || c.Type == "decimal" || c.Type == "money":
		out += fmt.Sprintf(" %d,%d", c.Precision, c.Scale)
	case c.Type == "bit" || c.Type == "varbit":
		out += fmt.Sprintf(" #%d", c.Length)
	case map[string]bool{"time": true, "timetz": true, "timestamp": true, "timestamptz": true, "datetime": true}[c.Type]:
		out += fmt.Sprintf(" .%d", c.Fraction)
	}
	for name, is := range map[string]bool{" enum": c.Enum, " composite": c.Composite, " unsigned": c.Unsigned, " computed": c.Computed} {
		if is {
			out += name
		}
	}
	return out
}

// MariaDB keeps JSON as a text under a condition.
func TestConditionsOfMariaDBSayWhatIsJSON(t *testing.T) {
	table := &Table{Columns: []Column{{Name: "extra"}, {Name: "a`b"}, {Name: "other"}}}
	table.checksJSON("json_valid(`extra`)")
	table.checksJSON("json_valid(`a``b`)")
	table.checksJSON("json_valid(lower(`other`))")
	if c := table.Columns; !c[0].JSON || !c[1].JSON || c[2].JSON {
		t.Errorf("%+v", c)
	}
}
