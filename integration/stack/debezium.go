package stack

import (
	"net"
	"strings"
)

// Slot is the name of the replication slot, and of the publication, that Debezium gives to a topic prefix.
func Slot(prefix string) string {
	return "dbz_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, prefix)
}

// Debezium is the configuration of a connector that writes the changes of the given tables
// ("public.orders") to topics <prefix>.<schema>.<table> with 8 partitions, with a snapshot first. Converters
// and everything else are at their defaults; set more members of the map to change that.
func (p *Postgres) Debezium(prefix string, tables ...string) map[string]string {
	host, port, _ := net.SplitHostPort(p.Addr)
	return map[string]string{
		"connector.class":             "io.debezium.connector.postgresql.PostgresConnector",
		"plugin.name":                 "pgoutput",
		"database.hostname":           host,
		"database.port":               port,
		"database.user":               "postgres",
		"database.password":           "postgres",
		"database.dbname":             "postgres",
		"topic.prefix":                prefix,
		"slot.name":                   Slot(prefix),
		"publication.name":            Slot(prefix),
		"publication.autocreate.mode": "filtered",
		"table.include.list":          strings.Join(tables, ","),
		"snapshot.mode":               "initial",
		"poll.interval.ms":            "50",
		// Connect creates a topic with the broker's default number of partitions unless told otherwise.
		"topic.creation.default.partitions":         "8",
		"topic.creation.default.replication.factor": "-1",
	}
}
