package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/tables"
)

func TestSeveralPathsAndItems(t *testing.T) {
	c, err := config.Parse("paths", []byte(`
kafka: {brokers: [localhost:9092]}
tables:
  - name: x
    source: {topic: a, format: upsert-json}
    key: [id]
    columns:
      - {name: id, type: int64, path: [new_id, old_id, box.id]}
      - {name: one, type: string, path: [only]}
      - {name: prices, type: json, items: decimal(8,2), encoding: decimal_base64}
`), environment)
	if err != nil {
		t.Fatal(err)
	}
	decimal := tables.Type{Kind: tables.DecimalKind, Precision: 8, Scale: 2}
	want := []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}, Path: "new_id", OtherPaths: []string{"old_id", "box.id"}},
		{Name: "one", Type: tables.Type{Kind: tables.String}, Path: "only"},
		{Name: "prices", Type: tables.Type{Kind: tables.JSON}, Items: &decimal, Encoding: tables.EncodingDecimalBase64},
	}
	if diff := cmp.Diff(want, c.Tables[0].Columns); diff != "" {
		t.Error(diff)
	}
}
