package proposal_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/connector"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
)

// ordersOf is a database of one table.
func ordersOf(key []string, columns ...catalogue.Column) *catalogue.Catalogue {
	return catalogue.New(catalogue.Postgres, "shop", []*catalogue.Table{{Schema: "public", Name: "orders", Key: key, Columns: columns}})
}

func row(after string) string {
	return `{"before":null,"after":` + after + `,"op":"c","source":{"name":"shop","db":"shop","schema":"public","table":"orders"}}`
}

// known proposes a table with what the catalogue says.
func known(t *testing.T, of *catalogue.Catalogue, s *sample.Sample) string {
	t.Helper()
	p, err := proposal.From(s, "orders", nil, of)
	if err != nil {
		t.Fatal(err)
	}
	settings := connector.NewSettings(of.System)
	p.Observe(settings)
	p.Know(settings)
	if err := p.Clean(s.Records, nil); err != nil {
		t.Error(err)
	}
	var b strings.Builder
	if err := p.Write(&b, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("known.yaml", []byte(b.String()), os.LookupEnv); err != nil {
		t.Errorf("%v\n%s", err, b.String())
	}
	return b.String()
}

func TestTheCatalogueAnswersWhatRecordsLeaveOpen(t *testing.T) {
	of := ordersOf([]string{"id"},
		catalogue.Column{Name: "id", Declared: "bigint", Type: "int8"},
		catalogue.Column{Name: "total", Declared: "numeric(12,2)", Type: "numeric", Precision: 12, Scale: 2},
		catalogue.Column{Name: "placed_at", Declared: "timestamp(3) without time zone", Type: "timestamp", Fraction: 3},
		catalogue.Column{Name: "paid_at", Declared: "timestamp\nwithout time zone", Type: "timestamp", Fraction: 6},
		catalogue.Column{Name: "next", Declared: "integer", Type: "int4", Computed: true},
		catalogue.Column{Name: "what", Declared: "tsquery", Type: "tsquery"},
	)
	text := known(t, of, oneOrder(`{"id":1}`, row(`{"id":1,"total":"Hu8=","placed_at":1709210096789,"paid_at":null,"next":2,"gone":"a b"}`)))
	for _, want := range []string{
		"types by the database's catalogue (public.orders).", "key: [id]", "- {name: id, type: int64}\n",
		`- {name: total, type: "decimal(12,2)", encoding: decimal_base64} # numeric(12,2), written as by decimal.handling.mode=precise, as the only value shows`,
		"- {name: placed_at, type: timestamp, encoding: epoch_ms} # timestamp(3)", "as the only value shows",
		"- {name: paid_at, type: timestamp, encoding: epoch_us} # timestamp without time zone, no value seen: written as by default, time.precision.mode=adaptive",
		"# next is left out: it is generated", "# gone is left out: it is in the records, and not in the database's table", "# what is left out: no record has it",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// The key is the database's, in its order, where keys of records leave it open; else the records' counts.
func TestTheKeyIsTheDatabases(t *testing.T) {
	columns := []catalogue.Column{{Name: "id", Type: "int8", Declared: "bigint"}, {Name: "no", Type: "int8", Declared: "bigint"}, {Name: "day", Type: "date", Declared: "date"}}
	for name, c := range map[string]struct {
		key      []string
		of       *sample.Sample
		want     string
		mustNote string
	}{
		"names of the records": {[]string{"day", "id"}, oneOrder(`{"day":19782,"id":1}`, row(`{"id":1,"no":2,"day":19782}`)), "key: [day, id]", ""},
		"a bare value":         {[]string{"no"}, oneOrder(`7`, `{"id":7,"no":7,"day":19782}`), "key: [\"no\"]", ""},
		"no keys":              {[]string{"no"}, oneOrder("", `{"id":7,"no":8,"day":19782}`), "key: [\"no\"]", ""},
		"other columns":        {[]string{"no"}, oneOrder(`{"id":1}`, row(`{"id":1,"no":2,"day":19782}`)), "key: [id]", "the primary key of public.orders is (no), and the records' keys hold (id)"},
		"no primary key":       {nil, oneOrder(`{"id":1}`, row(`{"id":1,"no":2,"day":19782}`)), "key: [id]", "public.orders has no primary key"},
	} {
		c.of.Topic.Name = "shop.public.orders"
		text := known(t, ordersOf(c.key, columns...), c.of)
		if !strings.Contains(text, c.want+"\n") || c.mustNote != "" && !strings.Contains(text, c.mustNote) || c.mustNote == "" && strings.Contains(text, "primary key") {
			t.Errorf("%s: no %q in\n%s", name, c.want, text)
		}
	}
}

// A key that no schema describes says how it is written.
func TestKeysOfDatesSayTheirEncoding(t *testing.T) {
	of := ordersOf([]string{"day"}, catalogue.Column{Name: "day", Type: "date", Declared: "date"})
	value := `{"schema":{"type":"struct","fields":[{"field":"after","type":"struct","fields":[{"field":"day","type":"int32","name":"io.debezium.time.Date"}]}]},"payload":` + row(`{"day":19782}`) + `}`
	if text := known(t, of, oneOrder(`{"day":19782}`, value)); !strings.Contains(text, "{name: day, type: date, encoding: epoch_days}") {
		t.Error(text)
	}
	key := `{"schema":{"type":"struct","fields":[{"field":"day","type":"int32","name":"io.debezium.time.Date"}]},"payload":{"day":19782}}`
	if text := known(t, of, oneOrder(key, value)); !strings.Contains(text, "{name: day, type: date}") {
		t.Error(text)
	}
}

func oneOrder(key, value string) *sample.Sample { return of("shop.public.orders", key, value) }
