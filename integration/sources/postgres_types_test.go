package sources

import (
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// postgresSnapshotRows is how many rows there are before the connectors.
const postgresSnapshotRows = 18

func postgresTypesTest(t *testing.T, s *servers) {
	s.execPostgres(t, postgresTypes)
	all := postgresSettings()
	columns := postgresColumns()
	var config harness.Config
	for _, one := range all {
		c := s.postgres.Debezium("types-"+one.Name, "public.types")
		c["topic.creation.default.partitions"] = "3"
		s.connect(t, "types-"+one.Name, one.apply(c))
		config.Tables = append(config.Tables, table("types_"+one.Name, "types-"+one.Name+".public.types", one, []string{"id"}, columns))
	}
	for _, one := range all {
		if err := s.worker.WaitConnector(bounded(t), "types-"+one.Name, s.postgres, stack.Slot("types-"+one.Name)); err != nil {
			t.Fatal(err)
		}
		s.waitRecords(t, "types-"+one.Name, "types-"+one.Name+".public.types", postgresSnapshotRows)
	}
	p := harness.Start(t, s.cluster, config)
	s.execPostgres(t, postgresStream)
	f := found{}
	for _, one := range all {
		rows := s.selectPostgres(t, "types", one, columns)
		differ := s.settle(t, p, "types_"+one.Name, "types-"+one.Name+".public.types", one, columns, rows)
		f.add(one.Name, differ)
		verifies(t, p, "types_"+one.Name, s.postgres.DSN, "public.types", differ)
	}
	golden(t, "postgres_types.txt", f.text(postgresReasons(), all))
}
