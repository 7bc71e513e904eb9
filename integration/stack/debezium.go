package stack

import (
	"net"
	"strconv"
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
		// Connect creates a topic with the broker's default number of partitions unless configured otherwise.
		"topic.creation.default.partitions":         "8",
		"topic.creation.default.replication.factor": "-1",
	}
}

// Debezium is the configuration of a MariaDB connector that writes the changes of the given tables of database
// shop ("shop.orders") to topics <prefix>.shop.<table> with 8 partitions, with a snapshot first, and schema
// changes to topic <prefix>. It keeps what it knows of the tables in a topic of the Kafka at the given list. id
// distinguishes it from the server's other readers and must be its own. The plugin is debezium-mariadb.
func (m *MariaDB) Debezium(prefix, brokers string, id int, tables ...string) map[string]string {
	host, port, _ := net.SplitHostPort(m.Addr)
	return map[string]string{
		"connector.class":       "io.debezium.connector.mariadb.MariaDbConnector",
		"database.hostname":     host,
		"database.port":         port,
		"database.user":         mariadbUser,
		"database.password":     mariadbUser,
		"database.server.id":    strconv.Itoa(id),
		"database.ssl.mode":     "disable",
		"database.include.list": mariadbDatabase,
		"topic.prefix":          prefix,
		"table.include.list":    strings.Join(tables, ","),
		"snapshot.mode":         "initial",
		"poll.interval.ms":      "50",
		"schema.history.internal.kafka.bootstrap.servers": brokers,
		"schema.history.internal.kafka.topic":             prefix + ".history",
		"topic.creation.default.partitions":               "8",
		"topic.creation.default.replication.factor":       "-1",
	}
}
