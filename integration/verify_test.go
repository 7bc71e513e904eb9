package integration

import (
	"math/rand/v2"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// verified is what `verify -o json` says.
type verified struct {
	Rows                                      int64
	Missing, Unexpected, Different, Undecided int64
	Differences                               []verifiedDifference
	Skipped                                   []struct{ Column, Reason string }
}

type verifiedDifference struct {
	Kind, Reached string
	Key           map[string]any
	Columns       []map[string]any
}

func (s *shop) verify(t *testing.T, p *harness.Process, table string) (verified, int) {
	t.Helper()
	out, code := p.Command("verify", table, "--source", s.db.DSN, "-o", "json", "--settle", "5s")
	var v verified
	if err := harness.Decode(out, &v); err != nil {
		t.Fatalf("exit code %d: %v: %s", code, err, out)
	}
	return v, code
}

func TestVerifyFindsNothingInALiveTableAndEverythingInAStaleOne(t *testing.T) {
	s := openShop(t, 500)
	p := harness.Start(t, s.cluster, s.config())
	s.settle(t, p)
	loaded := make(chan error, 1)
	go func() { loaded <- s.change(t.Context(), rand.Uint64(), 8_000) }()
	runs := s.whileLoading(t, loaded, func(table string) {
		v, code := s.verify(t, p, table)
		if code != 0 || v.Missing+v.Unexpected+v.Different+v.Undecided > 0 || v.Rows == 0 || len(v.Skipped) > 0 {
			t.Errorf("%s, exit code %d: %+v", table, code, v)
		}
	})
	t.Logf("compared %d times while the database changed", runs)

	// A changed type writes every row anew and makes no event; a truncate is skipped by the connector.
	if err := s.db.Exec(t.Context(), `ALTER TABLE orders ALTER COLUMN status TYPE text USING status || '!'; TRUNCATE customers`); err != nil {
		t.Fatal(err)
	}
	if v, code := s.verify(t, p, "orders"); code != 4 || v.Different != v.Rows || v.Rows == 0 || v.Missing+v.Unexpected > 0 {
		t.Errorf("orders, exit code %d: %+v", code, v)
	}
	if v, code := s.verify(t, p, "customers"); code != 4 || v.Unexpected == 0 || v.Different+v.Missing > 0 || v.Rows != 0 {
		t.Errorf("customers, exit code %d: %+v", code, v)
	}
}
