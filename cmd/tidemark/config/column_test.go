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

// SQL's names of types are ours under other names: the definition of the table is the same.
func TestTypesByTheNamesOfSQL(t *testing.T) {
	kinds := map[string]tables.Kind{
		"bigint": tables.Int64, "integer": tables.Int64, "smallint": tables.Int64, "text": tables.String, "varchar": tables.String, "varchar(255)": tables.String,
		"double precision": tables.Float64, "DOUBLE  PRECISION": tables.Float64, "real": tables.Float64, "jsonb": tables.JSON, "timestamptz": tables.Timestamp,
		"timestamptz(3)": tables.Timestamp, "timestamp( 6 )": tables.Timestamp, "time(0)": tables.Time, "boolean": tables.Bool, "bytea": tables.Bytes,
		"BIGINT": tables.Int64, "Date": tables.Date, "UUID": tables.UUID,
	}
	decimals := map[string]tables.Type{
		"numeric(12,2)": {Precision: 12, Scale: 2}, "numeric( 12 , 2 )": {Precision: 12, Scale: 2}, "NUMERIC(38,38)": {Precision: 38, Scale: 38},
		"numeric(5)": {Precision: 5}, "DECIMAL(5,1)": {Precision: 5, Scale: 1},
	}
	want := map[string]tables.Type{}
	for name, kind := range kinds {
		want[name] = tables.Type{Kind: kind}
	}
	for name, typ := range decimals {
		typ.Kind = tables.DecimalKind
		want[name] = typ
	}
	for name, typ := range want {
		// In a line of its own, between braces as YAML takes it apart, in quotes, and as the type of items.
		for _, columns := range []string{
			"\n      - name: id\n        type: " + name, " [{name: id, type: " + name + "}]", " [{name: id, type: '" + name + "'}]",
			" [{name: id, type: json, items: " + name + "}]",
		} {
			c, err := config.Parse("types", []byte("kafka: {brokers: ['localhost:9092']}\ntables:\n  - name: x\n    source: {topic: a, format: upsert-json}\n    key: [id]\n    columns:"+columns+"\n"), environment)
			if err != nil {
				t.Errorf("%s: %v", columns, err)
				continue
			}
			got := c.Tables[0].Columns[0]
			if got.Items != nil {
				got.Type = *got.Items
			}
			if got.Type != typ {
				t.Errorf("%s: %s, want %s", columns, got.Type, typ)
			}
		}
	}
}
