package checkup

import (
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// A message of several rows is no fault where it is split before it is read.
func TestMessagesOfSeveralRowsAreNoFault(t *testing.T) {
	table := &tables.Table{
		Name: "t", Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}},
		Source: tables.Source{Topic: "t", Format: tables.CanalJSON, Partitioner: tables.PartitionAny},
	}
	s := &sample.Sample{Records: []*codecs.Record{
		{Value: []byte(`{"type":"INSERT","data":[{"id":"1"},{"id":"2"}],"old":null}`)},
		{Offset: 1, Value: []byte(`{"type":"INSERT","data":[{"id":"3"},{"id":"x"}],"old":null}`)},
	}}
	got := parts(table, s)
	if len(got.Records) != 4 || len(s.Records) != 2 || got.Records[3].Offset != 1 {
		t.Errorf("%d records of %d", len(got.Records), len(s.Records))
	}
}
