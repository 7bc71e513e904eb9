package proposal_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/proposal"
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
		p, err := proposal.From(of("shop."+name, `{"id":1}`, `{"id":1,"at":"2026-11-29T16:28:55Z","note":"a b"}`), name, nil)
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
