package logread

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	transactional = 1 << 4
	control       = 1 << 5
)

// logBatch encodes a batch as a log has it, with records at the given places behind its first offset.
func logBatch(first int64, attributes int16, producer int64, lastDelta int32, at ...int32) []byte {
	b := kmsg.RecordBatch{
		FirstOffset: first, Magic: 2, Attributes: attributes, LastOffsetDelta: lastDelta,
		ProducerID: producer, NumRecords: int32(len(at)),
	}
	for _, delta := range at {
		r := kmsg.Record{OffsetDelta: delta, Key: []byte{0, 0, 0, 1}}
		n := len(r.AppendTo(nil)) - 1 // the length before it takes a byte here
		r.Length = int32(n)
		b.Records = r.AppendTo(b.Records)
	}
	b.Length = int32(len(b.AppendTo(nil)) - 12)
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

// TestScanSeesCommittedRecordsAndNothingElse has what a compacted log of transactions can hold.
func TestScanSeesCommittedRecordsAndNothingElse(t *testing.T) {
	empty := logBatch(10, 0, -1, 4)                        // 10 to 14, all compacted away
	marker := logBatch(15, transactional|control, 7, 0, 0) // 15
	sparse := logBatch(16, 0, -1, 3, 0, 3)                 // 16 and 19
	aborted := logBatch(10, transactional, 7, 4, 0, 4)     // 10 to 14, the transaction that 15 ends
	for _, tt := range []struct {
		name      string
		bytes     []byte
		aborts    bool
		from, end int64
		next      int64
		left      bool
	}{
		{"nothing", nil, false, 10, 20, 10, false},
		{"an empty batch", empty, false, 10, 20, 15, false},
		{"a marker behind it", slices.Concat(empty, marker), false, 10, 20, 16, false},
		{"records behind that", slices.Concat(empty, marker, sparse), false, 10, 20, 20, true},
		{"records behind the end", slices.Concat(empty, marker, sparse), false, 10, 16, 20, false},
		{"a hole in a batch", sparse, false, 17, 19, 20, false},
		{"what stands behind the hole", sparse, false, 17, 20, 20, true},
		{"a committed transaction", slices.Concat(aborted, marker), false, 10, 20, 16, true},
		{"an aborted transaction", slices.Concat(aborted, marker), true, 10, 20, 16, false},
		{"records behind an aborted transaction", slices.Concat(aborted, marker, sparse), true, 10, 20, 20, true},
		{"a cut-off batch", sparse[:40], false, 16, 20, 16, false},
	} {
		got := kmsg.NewFetchResponseTopicPartition()
		got.RecordBatches = tt.bytes
		if tt.aborts {
			a := kmsg.NewFetchResponseTopicPartitionAbortedTransaction()
			a.ProducerID, a.FirstOffset = 7, 10
			got.AbortedTransactions = append(got.AbortedTransactions, a)
		}
		c, err := parse(&got, "t", tt.from)
		left := len(c.records) > 0 && c.records[0].Offset < tt.end
		if err != nil || c.next != tt.next || left != tt.left {
			t.Errorf("%s: next %d, left %v, %v, want %d, %v", tt.name, c.next, left, err, tt.next, tt.left)
		}
	}
}
