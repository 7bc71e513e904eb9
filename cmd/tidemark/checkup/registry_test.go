package checkup_test

import (
	"testing"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/codecs/registry"
	"github.com/tidemark/tidemark/tables"
)

func TestAvroIsTriedWithItsRegistry(t *testing.T) {
	r := srfake.New()
	schema := `{"type":"record","name":"R","fields":[{"name":"id","type":"long"},{"name":"v","type":"string"}]}`
	r.SeedSchema("s", 1, 7, sr.Schema{Schema: schema, Type: sr.TypeAvro})
	schemas, err := registry.New(registry.Options{Settings: registry.Settings{URL: r.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(schemas.Close)
	row, err := avro.MustParse(schema).AppendEncode([]byte{0, 0, 0, 0, 7}, map[string]any{"id": int64(1), "v": "a"})
	if err != nil {
		t.Fatal(err)
	}
	unknown := append([]byte{0, 0, 0, 0, 9}, row[5:]...)
	upserts := table(t, tables.UpsertAvro, "string")
	found := checkup.Records(upserts, sampleOf([2]string{"1", string(row)}), schemas)
	if n := checkup.Problems(found); n > 0 {
		t.Errorf("%+v", found)
	}
	said(t, checkup.Records(upserts, sampleOf([2]string{"1", string(row)}, [2]string{"1", string(unknown)}), schemas),
		checkup.Problem, "1 of 2 records", "schema id 9", "kafka.schema_registry.url")
	r.Close()
	unknown[4] = 10
	said(t, checkup.Records(upserts, sampleOf([2]string{"1", string(unknown)}), schemas), checkup.Problem, "is away", "start the registry")
}
