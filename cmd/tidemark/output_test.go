package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/verify"
)

func TestWideRowsAreWrittenALineAColumn(t *testing.T) {
	var out bytes.Buffer
	if err := writeVertical(&out, []string{"id", "customer"}, []byte(`{"id":42,"customer":"two\nlines"}`)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "id        42\ncustomer  two lines\n" {
		t.Errorf("it is %q", got)
	}
	if n := widest("id  name\n1   é☃\n"); n != 8 {
		t.Errorf("the widest line has %d columns", n)
	}
}

func TestSummariesOfVerify(t *testing.T) {
	all := strings.Join(verifySummary(&verify.Report{
		Table: "orders", Source: "public.orders", Rows: 20000, TableRows: 1, Different: 20000, NoKey: 1, ForeignKeys: 2,
		Columns: []verify.ColumnCount{{Column: "client_ip", Different: 20000}, {Column: "total", Different: 3}}, Key: "another key",
	}), "\n")
	for _, want := range []string{
		"20000 rows of public.orders and 1 row of orders compared", "different by column: 20000 x client_ip, 3 x total", "another key", "1 row of public.orders with a null", "2 rows of public.orders with a key that its declared type cannot hold",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	// Whoever ended early has not counted the table's rows.
	if early := verifySummary(&verify.Report{Table: "orders", Stopped: "ended"}); strings.Contains(early[0], "of orders") || early[1] != "ended" {
		t.Errorf("%q", early)
	}
}
