package proposal

import (
	"encoding/json"
	"fmt"

	"github.com/tidemark/tidemark/tables"
)

// tableSchema takes the types and the key of a table from TiCDC's description of it, which comes
// before its rows and now and then between them. The first table that is described is the one.
func (o *rows) tableSchema(raw []byte) {
	var s struct {
		Schema, Table string
		Columns       []struct {
			Name     string
			DataType struct {
				MySQLType       string `json:"mysqlType"`
				Length, Decimal int
				Unsigned        bool
			} `json:"dataType"`
		}
		Indexes []struct {
			Primary bool
			Columns []string
		}
	}
	if json.Unmarshal(raw, &s) != nil || s.Table == "" {
		return
	}
	name := s.Table
	if s.Schema != "" {
		name = s.Schema + "." + name
	}
	if o.table == "" {
		o.table = name
	}
	if name != o.table {
		o.more[name] = true
		return
	}
	for _, c := range s.Columns {
		typ := c.DataType.MySQLType
		switch typ {
		case "decimal":
			typ = fmt.Sprintf("decimal(%d,%d)", c.DataType.Length, c.DataType.Decimal)
		case "bit", "set":
			typ = "bigint unsigned"
		case "enum":
			typ = "bigint"
		}
		if c.DataType.Unsigned {
			typ += " unsigned"
		}
		o.told[c.Name] = typ
	}
	for _, index := range s.Indexes {
		if index.Primary {
			o.keyNames = index.Columns
		}
	}
}

// ticdcNote says what the messages of a format leave open.
func ticdcNote(f tables.Format) string {
	switch f {
	case tables.TiCDCOpen:
		return "TIMESTAMP comes without its zone, and is read as UTC: set the changefeed's time zone to UTC; ENUM, SET and BIT come as their numbers"
	case tables.TiCDCSimple:
		return "ENUM, SET and BIT come as their numbers"
	}
	return ""
}
