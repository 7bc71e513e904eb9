package state

import (
	"fmt"
	"testing"
	"time"

	"github.com/syndtr/goleveldb/leveldb/util"
)

// BenchmarkKeptDeletions measures what a deletion costs on disk once it is merged.
func BenchmarkKeptDeletions(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(Options{Dir: dir, KeepDeletions: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	deletion := make([]byte, 26) // two times and a position
	now := time.Now().UnixMicro()
	const n = 200_000
	for b.Loop() {
		for i := range n {
			for j := range 12 {
				deletion[2+j] = byte(i * (j + 7) >> (j % 3)) // times and positions differ from each other
			}
			key := fmt.Sprintf("\x02%08d", i*7919%n)
			if err := s.Delete(key, Tomb{Offset: int64(i), Read: now + int64(i), Deletion: deletion}, Origin{Offset: int64(i)}); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Batches.Clear(0); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := s.disk.db.CompactRange(util.Range{}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(s.disk.tableBytes())/n, "B/deletion")
	b.ReportMetric(0, "ns/op")
}
