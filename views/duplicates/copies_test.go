package duplicates

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
)

func TestEarlierGoesBySourcePositionThenTime(t *testing.T) {
	row := func(lsn uint64, snapshot bool, at int64) []byte {
		return wire.AppendStateRow(nil, 1, &tables.Row{
			Time: at, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn, Snapshot: snapshot},
		})
	}
	for name, c := range map[string]struct {
		a, b []byte
		want bool
	}{
		"lower position, later time":           {row(5, false, 9), row(6, false, 1), true},
		"higher position, earlier time":        {row(7, false, 1), row(6, false, 9), false},
		"snapshots are compared by time":       {row(9, true, 1), row(6, false, 2), true},
		"equal positions are compared by time": {row(6, false, 3), row(6, false, 2), false},
	} {
		for _, kinds := range [][2]rows.CopyKind{{rows.Shown, rows.Shown}, {rows.Hidden, rows.Shown}, {rows.Shown, rows.Foreign}} {
			got, settled, err := Latest([]rows.Copy{{Kind: kinds[0], Bytes: c.a}, {Partition: 1, Kind: kinds[1], Bytes: c.b}})
			if got != 1 == c.want || !settled || err != nil {
				t.Errorf("%s: latest %d, settled %v, %v", name, got, settled, err)
			}
		}
	}
	if _, _, err := Latest([]rows.Copy{{Bytes: []byte{9}}, {Bytes: row(1, false, time.Now().UnixMicro())}}); err == nil {
		t.Error("bytes that are no state row compare")
	}
}

func TestDeletionsStandAmongRows(t *testing.T) {
	deletion := func(lsn uint64) []byte {
		return wire.AppendDeletion(nil, &wire.Deletion{Time: 5, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: lsn}})
	}
	row := wire.AppendStateRow(nil, 1, &tables.Row{Time: 5, Source: tables.SourcePosition{Kind: tables.SourcePostgres, Minor: 6}})
	for name, c := range map[string]struct {
		deletion []byte
		want     int
	}{"later": {deletion(7), 0}, "earlier": {deletion(5), 1}, "of which nothing is known": {nil, 1}} {
		got, _, err := Latest([]rows.Copy{{Kind: rows.Gone, Bytes: c.deletion}, {Partition: 1, Kind: rows.Shown, Bytes: row}})
		if got != c.want || err != nil {
			t.Errorf("a deletion %s: latest %d, %v; want %d", name, got, err, c.want)
		}
	}
}

func TestKeySetForgetsNothing(t *testing.T) {
	s, wrong := newKeySet(), 0
	const n = 50_000
	for i := range uint64(n) {
		s.Add(Hash(tables.EncodeKey(tables.Int64Value(int64(i)))))
	}
	for i := range uint64(n) {
		if !s.Has(Hash(tables.EncodeKey(tables.Int64Value(int64(i))))) {
			t.Fatalf("key %d is forgotten", i)
		}
		if s.Has(Hash(tables.EncodeKey(tables.Int64Value(-1 - int64(i))))) {
			wrong++
		}
	}
	if wrong > n/20 {
		t.Errorf("%d of %d keys that are not in it are said to be", wrong, n)
	}
}

func TestPlacesTellTheLastPartition(t *testing.T) {
	var p Partitions
	for i := range int64(20_000) {
		if _, there := p.Put(Hash(tables.EncodeKey(tables.Int64Value(i))), int32(i%7)); there {
			t.Fatalf("key %d is there before", i)
		}
	}
	for i := range int64(20_000) {
		if before, there := p.Put(Hash(tables.EncodeKey(tables.Int64Value(i))), 9); !there || before != int32(i%7) {
			t.Fatalf("key %d was in partition %d, %v", i, before, there)
		}
	}
}
