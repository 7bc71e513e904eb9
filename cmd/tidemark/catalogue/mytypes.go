package catalogue

import "strings"

// mysqlRow is what MySQL says of a column.
type mysqlRow struct {
	name, typ, declared        string // decimal, and decimal(10,2) unsigned
	precision, scale, fraction int64
	nullable                   bool
}

func (r mysqlRow) column() Column {
	declared := strings.ToLower(r.declared)
	c := Column{
		Name: r.name, Declared: r.declared, Type: strings.ToLower(r.typ), Nullable: r.nullable,
		Unsigned: strings.Contains(declared, "unsigned"),
	}
	switch c.Type {
	case "decimal":
		c.Precision, c.Scale = int(r.precision), int(r.scale)
	case "time", "datetime", "timestamp":
		c.Fraction = int(r.fraction)
	case "bit":
		c.Length = max(int(r.precision), 1)
	case "enum", "set":
		c.Enum = true
	}
	return c
}

// checksJSON marks the column of a condition such as json_valid(`extra`).
func (t *Table) checksJSON(clause string) {
	open := strings.IndexByte(clause, '(')
	name := strings.TrimSuffix(strings.TrimSpace(clause[open+1:]), ")")
	if quoted, ok := strings.CutPrefix(strings.TrimSpace(name), "`"); ok {
		name = strings.ReplaceAll(strings.TrimSuffix(quoted, "`"), "``", "`")
	}
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			t.Columns[i].JSON = true
		}
	}
}
