package sources

import (
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// mariadbSnapshotRows is how many rows there are before the connectors.
const mariadbSnapshotRows = 9

func mariadbTypesTest(t *testing.T, s *servers) {
	s.execMariaDB(t, mariadbTypes)
	all := mariadbSettings()
	columns := mariadbColumns()
	var config harness.Config
	for i, one := range all {
		c := s.mariadb.Debezium("mtypes-"+one.Name, s.kafka, 200+i, "shop.types")
		if one.MySQL {
			c["connector.class"], c["database.ssl.mode"] = "io.debezium.connector.mysql.MySqlConnector", "disabled"
		}
		c["topic.creation.default.partitions"] = "3"
		s.connect(t, "mtypes-"+one.Name, one.apply(c))
		config.Tables = append(config.Tables, table("mtypes_"+one.Name, "mtypes-"+one.Name+".shop.types", one, []string{"id"}, columns))
	}
	for _, one := range all {
		if err := s.worker.WaitRunning(bounded(t), "mtypes-"+one.Name); err != nil {
			t.Fatal(err)
		}
		s.waitRecords(t, "mtypes-"+one.Name, "mtypes-"+one.Name+".shop.types", mariadbSnapshotRows)
	}
	p := harness.Start(t, s.cluster, config)
	s.execMariaDB(t, mariadbStream)
	f := found{}
	for _, one := range all {
		differ := s.settle(t, p, "mtypes_"+one.Name, "mtypes-"+one.Name+".shop.types", one, columns, s.selectMariaDB(t, "types", one, columns))
		f.add(one.Name, differ)
		verifies(t, p, "mtypes_"+one.Name, "mysql://tidemark:tidemark@"+s.mariadb.Addr+"/shop", "shop.types", differ)
	}
	golden(t, "mariadb_types.txt", f.text(mariadbReasons(), all))
}

// mariadbReasons are what Debezium for MariaDB and MySQL changes on the way. docs/sources/mysql.md says what avoids each.
func mariadbReasons() []reason {
	return []reason{
		{title: "a null under a default is the default", columns: "c_def c_def_int", only: func(s Settings) bool { return !s.KeepNull }, database: "null"},
		{title: "a column that ALTER TABLE adds is in the rows that change after it", columns: "c_added", view: "null", database: "7"},
		{title: "the date 0000-00-00 is null", columns: "c_date c_dt c_dt6", view: "null"},
		{title: "nanoseconds reach from 1677 to 2262, what is outside is another time", columns: "c_dt c_dt3 c_dt6", only: inTime("nanoseconds")},
		{title: "connect keeps milliseconds", columns: "c_dt6", only: inTime("connect")},
		{title: "a time outside a day is null in connect and isostring", columns: "c_time c_time3 c_time6", only: func(s Settings) bool { return s.Time == "connect" || s.Time == "isostring" }, view: "null"},
		{title: "double keeps 17 digits", columns: "c_dec_38", only: inDecimal("double")},
	}
}
