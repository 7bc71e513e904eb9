package proposal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/connector"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/codecs/registry"
)

const (
	avroKey = `{"type":"record","name":"Key","fields":[{"name":"id","type":"long"}]}`
	avroRow = `{"type":"record","name":"Envelope","fields":[
		{"name":"before","type":["null",{"type":"record","name":"Value","fields":[{"name":"id","type":"long"},
			{"name":"total","type":{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}},
			{"name":"at","type":["null",{"type":"long","connect.name":"io.debezium.time.MicroTimestamp"}]}]}]},
		{"name":"after","type":["null","Value"]},{"name":"op","type":"string"},
		{"name":"source","type":{"type":"record","name":"Source","fields":[{"name":"lsn","type":"long"}]}}]}`
)

func framed(t *testing.T, id uint32, schema string, v any) string {
	t.Helper()
	b, err := avro.MustParse(schema).AppendEncode(binary.BigEndian.AppendUint32([]byte{0}, id), v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAvroIsProposedFromItsSchema(t *testing.T) {
	r := srfake.New()
	t.Cleanup(r.Close)
	r.SeedSchema("orders-key", 1, 1, sr.Schema{Schema: avroKey, Type: sr.TypeAvro})
	r.SeedSchema("orders-value", 1, 2, sr.Schema{Schema: avroRow, Type: sr.TypeAvro})
	schemas, err := registry.New(registry.Options{Settings: registry.Settings{URL: r.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(schemas.Close)
	event := map[string]any{
		"op": "c", "before": nil, "source": map[string]any{"lsn": int64(1)},
		"after": map[string]any{"id": int64(1), "total": []byte{1}, "at": int64(5)},
	}
	s := of("shop.public.orders", framed(t, 1, avroKey, map[string]any{"id": int64(1)}), framed(t, 2, avroRow, event))
	if _, err := proposal.From(s, "", nil, nil); !errors.Is(err, proposal.ErrNoRegistry) {
		t.Error(err)
	}
	p, err := proposal.From(s, "", schemas, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Clean(s.Records, schemas); err != nil {
		t.Error(err)
	}
	p.Registry = r.URL()
	var out bytes.Buffer
	if err := p.Write(&out, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("proposed", out.Bytes(), func(string) (string, bool) { return "", false }); err != nil {
		t.Error(err)
	}
	for _, line := range []string{"format: debezium-avro", "key: [id]", `{name: id, type: int64}`, `{name: total, type: "decimal(12,2)"}`, `{name: at, type: timestamp}`, "schema_registry: {url: "} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %s in\n%s", line, out.String())
		}
	}
}

// Avro has names of its own for columns, under which the database does not know them: the path has both.
func TestColumnsUnderAvrosNamesAreFoundInTheCatalogue(t *testing.T) {
	row := strings.ReplaceAll(avroRow, `"total"`, `"to_tal"`)
	r := srfake.New()
	t.Cleanup(r.Close)
	r.SeedSchema("orders-key", 1, 1, sr.Schema{Schema: avroKey, Type: sr.TypeAvro})
	r.SeedSchema("orders-value", 1, 2, sr.Schema{Schema: row, Type: sr.TypeAvro})
	schemas, err := registry.New(registry.Options{Settings: registry.Settings{URL: r.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(schemas.Close)
	event := map[string]any{
		"op": "c", "before": nil, "source": map[string]any{"lsn": int64(1)},
		"after": map[string]any{"id": int64(1), "to_tal": []byte{1}, "at": int64(5)},
	}
	s := of("shop.public.orders", framed(t, 1, avroKey, map[string]any{"id": int64(1)}), framed(t, 2, row, event))
	all := ordersOf([]string{"id"}, catalogue.Column{Name: "id", Type: "int8", Declared: "bigint"},
		catalogue.Column{Name: `to"tal`, Type: "numeric", Declared: "numeric(12,2)", Precision: 12, Scale: 2}, catalogue.Column{Name: "at", Type: "timestamp", Fraction: 6})
	p, err := proposal.From(s, "", schemas, all)
	if err != nil {
		t.Fatal(err)
	}
	settings := connector.NewSettings(all.System)
	p.Observe(settings)
	p.Know(settings)
	if err := p.Clean(s.Records, schemas); err != nil {
		t.Error(err)
	}
	var out bytes.Buffer
	if err := p.Write(&out, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`{name: to_tal, type: "decimal(12,2)", path: [to_tal, "to\"tal"]}`, "{name: at, type: timestamp}"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %s in\n%s", line, out.String())
		}
	}
}
