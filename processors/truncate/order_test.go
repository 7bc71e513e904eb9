package truncate

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func TestARowsEventBeforeATruncateIsKnown(t *testing.T) {
	pg := func(lsn uint64) tables.SourcePosition {
		return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}
	}
	r := &Truncates{watermark: watermark{control: wire.Control{Source: pg(50), Time: 1000}, until: 10}}
	for _, tt := range []struct {
		name string
		c    tables.Change
		want bool
	}{
		{"read late", tables.Change{Op: tables.Upsert, Source: pg(49), Time: 2000, Offset: 9}, true},
		{"written late", tables.Change{Op: tables.Upsert, Source: pg(49), Time: 900, Offset: 10}, true},
		{"of a restored database", tables.Change{Op: tables.Upsert, Source: pg(5), Time: 2000, Offset: 10}, false},
		{"after the truncate", tables.Change{Op: tables.Upsert, Source: pg(51), Time: 900, Offset: 9}, false},
		{"without a position, read late", tables.Change{Op: tables.Upsert, Time: 900, Offset: 9}, true},
		{"without a position, later", tables.Change{Op: tables.Upsert, Time: 900, Offset: 10}, false},
		{"a delete", tables.Change{Op: tables.Delete, Source: pg(49), Time: 900, Offset: 9}, false},
	} {
		if got := r.Before(&tt.c); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	r.watermark = watermark{}
	if r.Before(&tables.Change{Op: tables.Upsert, Source: pg(1)}) {
		t.Error("truncated without a truncate")
	}
}

func TestRowsBeforeATruncate(t *testing.T) {
	pg := func(lsn uint64, snapshot bool) tables.SourcePosition {
		return tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn, Snapshot: snapshot}
	}
	control := wire.Control{Source: pg(50, false), Time: 1000}
	for _, tt := range []struct {
		name string
		row  wire.StateRow
		want bool
	}{
		{"streamed before", wire.StateRow{Source: pg(49, false), Time: 2000}, true},
		{"streamed after", wire.StateRow{Source: pg(51, false), Time: 500}, false},
		{"from a snapshot before", wire.StateRow{Source: pg(60, true), Time: 999}, true},
		{"from a snapshot after", wire.StateRow{Source: pg(10, true), Time: 1001}, false},
		{"without a position, before", wire.StateRow{Time: 1000}, true},
		{"without a position, after", wire.StateRow{Time: 1001}, false},
	} {
		if got := before(tt.row.Source, tt.row.Time, &control); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
