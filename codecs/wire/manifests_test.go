package wire

import "testing"

// TestABatchIsCompleteWithAllOfItsManifests sends the manifests of a batch of two partitions, one of
// them twice, and removes one.
func TestABatchIsCompleteWithAllOfItsManifests(t *testing.T) {
	all := Manifests{}
	send := func(partition int32, rows int64) {
		sent := Manifest{Batch: 7, Partition: partition, Partitions: 2, Rows: rows, Trigger: "demand"}
		m, removed, err := ParseManifestRecord(AppendManifestKey(nil, 7, partition), AppendManifest(nil, sent))
		if err != nil || removed || m != sent {
			t.Fatalf("read %+v, removed %t, error %v; sent %+v", m, removed, err, sent)
		}
		all.Put(m)
	}
	send(0, 1)
	if all.Complete(7) != nil {
		t.Error("complete with one of two manifests")
	}
	send(1, 1)
	send(1, 5)
	if parts := all.Complete(7); len(parts) != 2 || parts[1].Rows != 5 {
		t.Errorf("the manifests are %+v", parts)
	}
	for _, partition := range []int32{1, 0} {
		m, removed, err := ParseManifestRecord(AppendManifestKey(nil, 7, partition), nil)
		if err != nil || !removed {
			t.Fatalf("read %+v, removed %t, error %v", m, removed, err)
		}
		all.Remove(m.Batch, m.Partition)
		if all.Complete(7) != nil {
			t.Error("complete without a manifest")
		}
	}
	if len(all) != 0 {
		t.Errorf("%+v are left", all)
	}
	if _, _, err := ParseManifestRecord([]byte("x"), nil); err == nil {
		t.Error("a key of one byte was read")
	}
}
