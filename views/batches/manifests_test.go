package batches

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func manifest(batch uint64, partition int32) wire.Manifest {
	n := int64(partition) + 1
	return wire.Manifest{
		Batch: batch, Partition: partition, Partitions: 2, Source: 10 * n, Changelog: 20 * n, Snapshot: 30 * n,
		Rows: n, Changed: 2 * n, Checksum: 1 << 63, Started: 1000 * n, Finished: 5000 * n, Fingerprint: 7, Trigger: "demand",
	}
}

func put(t *testing.T, m *Manifests, one wire.Manifest) {
	t.Helper()
	if err := m.Put(wire.AppendManifestKey(nil, one.Batch, one.Partition), wire.AppendManifest(nil, one)); err != nil {
		t.Fatal(err)
	}
}

func TestBatchIsCompleteWithAllManifests(t *testing.T) {
	m := New(7)
	m.Reset(2)
	put(t, m, manifest(3, 1))
	if got := m.Complete(); len(got) != 0 {
		t.Errorf("complete with one manifest of two: %+v", got)
	}
	put(t, m, manifest(3, 0))
	put(t, m, manifest(3, 0))
	want := []Batch{{
		ID: 3, Cut: tables.Position{10, 20}, Changelog: tables.Position{20, 40}, Snapshot: tables.Position{30, 60},
		Rows: 3, Changed: 6, Checksum: 0, Started: time.UnixMicro(1000).UTC(), Took: 9 * time.Millisecond, Trigger: "demand",
	}}
	if diff := cmp.Diff(want, m.Complete()); diff != "" {
		t.Error(diff)
	}
}

func TestManifestsOfOtherColumnsAndPartitionsDoNotCount(t *testing.T) {
	m := New(7)
	m.Reset(2)
	other := manifest(3, 0)
	other.Fingerprint++
	put(t, m, other)
	more := manifest(3, 1)
	more.Partitions++
	put(t, m, more)
	put(t, m, manifest(3, 1))
	if got := m.Complete(); len(got) != 0 || m.foreign != 2 {
		t.Errorf("%d complete, %d foreign; want 0 and 2", len(got), m.foreign)
	}
}

func TestTombstonesTakeBatchesAway(t *testing.T) {
	m := New(7)
	m.Reset(2)
	for _, id := range []uint64{1, 2, 4} {
		put(t, m, manifest(id, 0))
		put(t, m, manifest(id, 1))
	}
	if err := m.Put(wire.AppendManifestKey(nil, 1, 0), nil); err != nil {
		t.Fatal(err)
	}
	var ids []uint64
	for _, b := range m.Complete() {
		ids = append(ids, b.ID)
	}
	if diff := cmp.Diff([]uint64{4, 2}, ids); diff != "" {
		t.Error(diff)
	}
	if b, ok := m.After(2); !ok || b.ID != 4 {
		t.Errorf("after 2 comes %d, %v; want 4", b.ID, ok)
	}
	if _, ok := m.After(4); ok {
		t.Error("something comes after the newest")
	}
}

func TestBadManifestIsAnError(t *testing.T) {
	m := New(7)
	m.Reset(2)
	if err := m.Put([]byte("short"), nil); err == nil {
		t.Error("a key of five bytes is taken")
	}
	if err := m.Put(wire.AppendManifestKey(nil, 1, 0), []byte{9}); err == nil {
		t.Error("a manifest of one byte is taken")
	}
}
