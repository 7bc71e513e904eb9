package wire

import (
	"encoding/binary"
	"fmt"
)

const (
	manifestVersion = 1
	progressVersion = 1
	snapshotVersion = 1
)

// Manifest says that one partition's share of a batch is complete.
type Manifest struct {
	Batch       uint64
	Partition   int32
	Partitions  int32  // of the table: a batch is complete with so many manifests
	Source      int64  // the cut: next offset of the source topic not in the batch
	Changelog   int64  // the cut: next offset of the changelog not in the batch
	Snapshot    int64  // next offset of the snapshot topic after this batch's records
	Rows        int64  // visible rows at the cut
	Changed     int64  // snapshot records written for this batch
	Checksum    uint64 // sum of the RowHash of the visible rows, modulo 2^64
	Started     int64  // the barrier's time, microseconds since the epoch
	Finished    int64  // when the last snapshot record was acknowledged
	Fingerprint uint32 // of the table's columns
	Trigger     string // schedule, delta or demand
}

// AppendManifestKey appends a manifest's key in the batches topic: batch and
// partition, eight and four bytes, big endian.
func AppendManifestKey(dst []byte, batch uint64, partition int32) []byte {
	dst = binary.BigEndian.AppendUint64(dst, batch)
	return binary.BigEndian.AppendUint32(dst, uint32(partition))
}

// ParseManifestKey reads a manifest's key.
func ParseManifestKey(b []byte) (batch uint64, partition int32, err error) {
	r := reader{b: b}
	batch, partition = r.fixed64(), int32(r.fixed32())
	if err := r.end(); err != nil {
		return 0, 0, fmt.Errorf("manifest key: %w", err)
	}
	return batch, partition, nil
}

// AppendManifest appends the record of m to dst.
func AppendManifest(dst []byte, m Manifest) []byte {
	dst = append(dst, manifestVersion)
	dst = binary.AppendUvarint(dst, m.Batch)
	for _, v := range []int64{
		int64(m.Partition), int64(m.Partitions), m.Source, m.Changelog, m.Snapshot, m.Rows, m.Changed, m.Started, m.Finished,
	} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = binary.BigEndian.AppendUint64(dst, m.Checksum)
	dst = binary.BigEndian.AppendUint32(dst, m.Fingerprint)
	dst = binary.AppendUvarint(dst, uint64(len(m.Trigger)))
	return append(dst, m.Trigger...)
}

// ParseManifest reads a manifest.
func ParseManifest(b []byte) (Manifest, error) {
	r := reader{b: b}
	r.version(manifestVersion)
	m := Manifest{Batch: r.uvarint(), Partition: int32(r.varint()), Partitions: int32(r.varint())}
	m.Source, m.Changelog, m.Snapshot = r.varint(), r.varint(), r.varint()
	m.Rows, m.Changed, m.Started, m.Finished = r.varint(), r.varint(), r.varint(), r.varint()
	m.Checksum, m.Fingerprint = r.fixed64(), r.fixed32()
	m.Trigger = string(r.take(r.uvarint()))
	if err := r.end(); err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	return m, nil
}

// AppendSnapshotRecord appends the value of a snapshot record: a version, the
// batch that wrote it and the state row. A deleted key has a null value instead.
func AppendSnapshotRecord(dst []byte, batch uint64, stateRow []byte) []byte {
	dst = append(dst, snapshotVersion)
	dst = binary.AppendUvarint(dst, batch)
	return append(dst, stateRow...)
}

// ParseSnapshotRecord reads a snapshot record's value. The state row aliases b.
func ParseSnapshotRecord(b []byte) (batch uint64, stateRow []byte, err error) {
	r := reader{b: b}
	r.version(snapshotVersion)
	batch = r.uvarint()
	if r.bad {
		return 0, nil, fmt.Errorf("snapshot record: %w", ErrCorrupt)
	}
	return batch, r.b, nil
}
