package catalogue

// postgresRow is what PostgreSQL says of a column.
type postgresRow struct {
	name, declared string
	typ, kind      string // of what is below domains: typname and typtype
	mod            int    // its modifier, -1 without
	array          bool
	item, itemKind string
	notNull        bool
	generated      bool
}

func (r postgresRow) column() Column {
	c := Column{Name: r.name, Declared: r.declared, Nullable: !r.notNull, Computed: r.generated}
	if r.array {
		c.Type = "array"
		items := Column{Declared: r.declared}
		items.postgres(r.item, r.itemKind, r.mod)
		c.Items = &items
		return c
	}
	c.postgres(r.typ, r.kind, r.mod)
	return c
}

// postgres takes the sizes out of a type's modifier.
func (c *Column) postgres(typ, kind string, mod int) {
	c.Type, c.Enum, c.Composite = typ, kind == "e", kind == "c"
	switch typ {
	case "numeric":
		if mod >= 4 {
			c.Precision = (mod - 4) >> 16 & 0xffff
			c.Scale = (mod-4)&0x7ff ^ 1024 - 1024 // a signed number of 11 bits
		}
	case "money":
		c.Precision, c.Scale = 19, 2
	case "time", "timetz", "timestamp", "timestamptz":
		if c.Fraction = mod; mod < 0 {
			c.Fraction = 6
		}
	case "bit", "varbit":
		c.Length = max(mod, 0)
	}
}
