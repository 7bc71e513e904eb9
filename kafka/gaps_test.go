package kafka

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestScanBatchesSeesRecordsAndNothingElse(t *testing.T) {
	batch := func(first int64, attributes int16, lastDelta, records int32) []byte {
		b := kmsg.RecordBatch{FirstOffset: first, Magic: 2, Attributes: attributes, LastOffsetDelta: lastDelta, NumRecords: records, Length: 49}
		return b.AppendTo(nil)
	}
	empty, marker, full := batch(10, 0, 4, 0), batch(15, controlBit, 0, 1), batch(16, 0, 1, 2)
	for _, tt := range []struct {
		name    string
		bytes   []byte
		next    int64
		records bool
	}{
		{"nothing", nil, 0, false},
		{"an empty batch", empty, 15, false},
		{"a marker behind it", append(slices.Clone(empty), marker...), 16, false},
		{"records behind that", slices.Concat(empty, marker, full), 18, true},
		{"a batch that was read", batch(5, 0, 2, 3), 8, false},
		{"a cut-off head", full[:40], 0, false},
		{"a cut-off batch", append(slices.Clone(empty), full[:60]...), 15, false},
	} {
		if next, records := scanBatches(tt.bytes, 10); next != tt.next || records != tt.records {
			t.Errorf("%s: next %d, records %v, want %d, %v", tt.name, next, records, tt.next, tt.records)
		}
	}
}
