package proposal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
)

func TestNamesOfManyTables(t *testing.T) {
	long := strings.Repeat("x", 70)
	for _, c := range []struct{ topics, want []string }{
		{[]string{"shop.public.orders", "shop.public.customers"}, []string{"orders", "customers"}},
		{[]string{"shop.public.orders", "shop.crm.orders", "a"}, []string{"public_orders", "crm_orders", "a"}},
		{[]string{"a.public.orders", "b.public.orders", "orders"}, []string{"a_public_orders", "b_public_orders", "orders"}},
		{[]string{"t.Orders", "t.orders", "t.or-ders", "t.or_ders"}, []string{"t_orders", "t_orders_2", "t_or_ders", "t_or_ders_2"}},
		{[]string{long + "a", long + "b"}, []string{strings.Repeat("x", 63), strings.Repeat("x", 58) + "_2"}},
	} {
		if got := proposal.Names(c.topics); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.topics, got, c.want)
		}
	}
}

// Tables in one file, and in files of their own, are the same configuration.
func TestManyTablesAreWritten(t *testing.T) {
	var all []*proposal.Proposal
	for _, name := range []string{"orders", "customers"} {
		p, err := proposal.From(of("shop."+name, `{"id":1}`, `{"id":1,"at":"2026-11-29T16:28:55Z","note":"a b"}`), name, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	var one, including strings.Builder
	if err := proposal.WriteAll(&one, all, []string{"localhost:9092"}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("one.yaml", []byte(one.String()), os.LookupEnv)
	if err != nil || strings.Join(c.TableNames(), " ") != "orders customers" {
		t.Errorf("%v\n%s", err, one.String())
	}
	dir := t.TempDir()
	if err := proposal.WriteIncluding(&including, all, []string{"localhost:9092"}, "*.table.yaml"); err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		var b strings.Builder
		if err := p.WriteTable(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.Table.Name+".table.yaml"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = config.Parse(filepath.Join(dir, "tidemark.yaml"), []byte(including.String()), os.LookupEnv); err != nil || strings.Join(c.TableNames(), " ") != "customers orders" {
		t.Errorf("%v\n%s", err, including.String())
	}
}

// Each table of a topic that holds several is proposed, with its own columns and key.
func TestEveryTableOfATopicIsProposed(t *testing.T) {
	envelope := func(table, row string) string {
		return `{"op":"c","after":` + row + `,"source":{"db":"shop","schema":"public","table":"` + table + `"}}`
	}
	maxwell := func(table, row string) string {
		return `{"database":"shop","table":"` + table + `","type":"insert","ts":1,"xid":2,"commit":true,"data":` + row + `}`
	}
	canal := func(table, row string) string {
		return `{"data":[` + row + `],"database":"shop","es":1,"isDdl":false,"mysqlType":{},"pkNames":["id"],"table":"` + table + `","type":"INSERT"}`
	}
	for name, c := range map[string]struct {
		sample *sample.Sample
		want   string
	}{
		"debezium": {of("shop", `{"id":1}`, envelope("orders", `{"id":1,"total":2}`), `{"no":1}`, envelope("customers", `{"no":1,"name":"a b"}`)), "orders public.orders id total; customers public.customers no name"},
		"maxwell": {of("maxwell", `{"database":"shop","table":"orders","pk.id":1}`, maxwell("orders", `{"id":1,"total":2}`), "", `{"database":"shop","table":"x","type":"table-create","def":{}}`,
			`{"database":"shop","table":"stock","pk.sku":1}`, maxwell("stock", `{"sku":1,"left":2}`)), "orders shop.orders id total; stock shop.stock sku left"},
		"canal": {of("canal", "", canal("orders", `{"id":"1","total":"2"}`), "", `{"data":null,"database":"shop","table":"x","type":"CREATE","isDdl":true,"es":1}`,
			"", canal("stock", `{"id":"1","left":"2"}`)), "orders shop.orders id total; stock shop.stock id left"},
		"one table": {of("shop.orders", `{"id":1}`, envelope("orders", `{"id":1}`)), "named  id"},
	} {
		all, err := proposal.All(c.sample, "named", nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, p := range all {
			words := []string{p.Table.Name, p.Table.Source.Table}
			for _, col := range p.Table.Columns {
				words = append(words, col.Name)
			}
			got = append(got, strings.Join(words, " "))
			if err := p.Clean(c.sample.Records, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		var b strings.Builder
		if err := proposal.WriteAll(&b, all, []string{"localhost:9092"}); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Parse("all.yaml", []byte(b.String()), os.LookupEnv); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
	}
}

func TestTablesOfOneNameAreDistinguished(t *testing.T) {
	var all []*proposal.Proposal
	for range 3 {
		p, err := proposal.From(of("t", `{"id":1}`, `{"id":1}`), strings.Repeat("x", 63), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	proposal.Distinguish(all)
	if a, b, c := all[0].Table.Name, all[1].Table.Name, all[2].Table.Name; len(a) != 63 || b != strings.Repeat("x", 58)+"_2" || c != strings.Repeat("x", 58)+"_3" {
		t.Error(a, b, c)
	}
}

// Names of tens of thousands of topics take no time of note.
func TestNamesOfVeryManyTables(t *testing.T) {
	var topics []string
	for i := range 30_000 {
		topics = append(topics, fmt.Sprintf("p%d.public.orders", i))
	}
	for range 30_000 {
		topics = append(topics, "public.orders")
	}
	got := proposal.Names(topics)
	if got[17] != "p17_public_orders" || got[30_000] != "public_orders" || got[59_999] != "public_orders_30000" {
		t.Error(got[17], got[30_000], got[59_999])
	}
}
