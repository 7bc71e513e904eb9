package wire

import (
	"reflect"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// placedRow is a row whose key may be in several partitions.
func repartitionedRow() *tables.Row {
	return &tables.Row{
		Values: []tables.Value{tables.Int64Value(1)}, Offset: 5, Time: 1_700_000_000_123_456, Logged: 1_700_000_000_200_000, SourcePartition: 5, Unsettled: true,
		Source:   tables.SourcePosition{Kind: tables.SourceMySQL, Major: 3, Minor: 154, Sub: 2, Epoch: 0xdeadbeef, Serial: 23},
		Streamed: tables.SourcePosition{Kind: tables.SourceMySQL, Major: 2, Minor: 5, Epoch: 7}, StreamedTime: 77,
	}
}

func TestPlacesOfRowsAndDeletionsComeBack(t *testing.T) {
	want := repartitionedRow()
	s, err := ParseStateRow(AppendStateRow(nil, 7, want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Row(nil)
	if err != nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("row %+v, %v; want %+v", got, err, want)
	}
	if s.Precedence() != want.Precedence() {
		t.Errorf("precedence %+v, want %+v", s.Precedence(), want.Precedence())
	}
	for _, d := range []Deletion{
		{Read: 5_000, Time: 3_000_000, Logged: 4_000_000, SourcePartition: 3, Source: want.Source, NewKey: "new"},
		{Time: 3_000_000, Source: tables.SourcePosition{Snapshot: true}, Hidden: true},
		{Time: 1, GivenUp: true, Source: want.Source, Truncate: true, Partition: 3, Offset: 77},
		{Time: -1_000, Logged: 1_000},
	} {
		got, err := ParseDeletion(AppendDeletion(nil, &d))
		if err != nil || got != d {
			t.Errorf("deletion %+v, %v; want %+v", got, err, d)
		}
	}
}
