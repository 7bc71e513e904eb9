package proposal

import (
	"cmp"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// originOf returns what a record of a format says of where it comes from.
func originOf(format tables.Format, ms []member) catalogue.Origin {
	text := func(ms []member, name string) string { return textOf(find(ms, name)) }
	switch format {
	case tables.DebeziumJSON:
		source, _ := members(find(ms, "source"))
		return catalogue.Origin{Connector: text(source, "name"), Database: text(source, "db"), Schema: text(source, "schema"), Table: text(source, "table")}
	case tables.FlattenedJSON:
		added := func(name string) string { return cmp.Or(text(ms, "__"+name), text(ms, "__source_"+name)) }
		return catalogue.Origin{Connector: added("name"), Database: added("db"), Schema: added("schema"), Table: added("table")}
	case tables.MaxwellJSON, tables.CanalJSON:
		return catalogue.Origin{Database: text(ms, "database"), Table: text(ms, "table")}
	}
	return catalogue.Origin{}
}

// Connector returns the name of the connector that wrote the records, or nothing where they do not tell it.
func (p *Proposal) Connector() string { return p.rows.origin.Connector }
