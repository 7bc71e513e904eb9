package api_test

import (
	"encoding/json"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// What a 412 says about the database's log is taken by Tidemark-Min-Source, and not waited for.
func TestA412TellsTheSourcePositionThatWasReached(t *testing.T) {
	for name, c := range map[string]struct {
		at          tables.SourcePosition
		text, later string
	}{
		"postgres":         {tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 24023128}, "lsn=24023128", "lsn=24023129"},
		"mysql":            {tables.SourcePosition{Kind: tables.SourceMySQL, Major: 3, Minor: 154, Epoch: 9, Serial: 4}, "file=000003,pos=154", "file=mysql-bin.000003,pos=155"},
		"a row of mysql":   {tables.SourcePosition{Kind: tables.SourceMySQL, Major: 1234567, Minor: 154, Sub: 2}, "file=1234567,pos=154,row=2", "file=b.1234567,pos=154,row=3"},
		"sqlserver":        {tables.SourcePosition{Kind: tables.SourceSQLServer, Major: 0x27_00000758, Minor: 0x27_00000757, Sub: tables.SubOfSQLServer(5, 3, 2)}, "commit_lsn=00000027:00000758:0005,change_lsn=00000027:00000757:0003", "commit_lsn=00000027:00000759:0001"},
		"without a change": {tables.SourcePosition{Kind: tables.SourceSQLServer, Major: 1, Sub: tables.SubOfSQLServer(0xffff, 0, 0)}, "commit_lsn=00000000:00000001:1fff,change_lsn=00000000:00000000:0000", "commit_lsn=00000000:00000002:0000"},
		"oracle":           {tables.SourcePosition{Kind: tables.SourceOracle, Major: 1240, Minor: 1234, Sub: 7}, "scn=1234,commit_scn=1240", "scn=1241"},
		"without a commit": {tables.SourcePosition{Kind: tables.SourceOracle, Minor: 1234}, "", "scn=1235"},
		"mongodb":          {tables.SourcePosition{Kind: tables.SourceMongoDB, Major: 1700000000, Minor: 1}, "", "lsn=1"},
		"nothing":          {tables.SourcePosition{}, "", "lsn=1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := numbers(t)
			l.source = c.at
			w := newWorld(t, nil, l)
			for _, header := range []string{"Tidemark-Min-Source: " + c.later, "Tidemark-Min-Position: 0:999999"} {
				res, body := w.do("GET", "/v1/tables/t/rows/1", "", header)
				var p struct{ Source, Position string }
				if err := json.Unmarshal([]byte(body), &p); err != nil || res.StatusCode != 412 {
					t.Fatalf("%s: %s: %s (%v)", header, res.Status, body, err)
				}
				if got := res.Header.Get("Tidemark-Source"); p.Source != c.text || got != c.text || p.Position == "" {
					t.Errorf("%s: told %q and %q, want %q", header, p.Source, got, c.text)
				}
			}
			if c.text == "" {
				return
			}
			if res, body := w.do("GET", "/v1/tables/t/rows/1", "", "Tidemark-Min-Source: "+c.text); res.StatusCode != 200 {
				t.Errorf("%s is told and not reached: %s %s", c.text, res.Status, body)
			}
		})
	}
}
