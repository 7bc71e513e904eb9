package wire

// ParseManifestRecord reads a record of the batches topic. Of a manifest that was removed
// there are its batch and its partition only.
func ParseManifestRecord(key, value []byte) (m Manifest, removed bool, err error) {
	batch, partition, err := ParseManifestKey(key)
	switch {
	case err != nil:
		return Manifest{}, false, err
	case value == nil:
		return Manifest{Batch: batch, Partition: partition}, true, nil
	}
	m, err = ParseManifest(value)
	return m, false, err
}

// Manifests are those of a batches topic, by batch and partition: one that is sent again
// replaces the first. It is not safe for concurrent use.
type Manifests map[uint64]map[int32]Manifest

// Put takes a manifest in.
func (m Manifests) Put(one Manifest) {
	parts := m[one.Batch]
	if parts == nil {
		parts = map[int32]Manifest{}
		m[one.Batch] = parts
	}
	parts[one.Partition] = one
}

// Remove takes a manifest out.
func (m Manifests) Remove(batch uint64, partition int32) {
	delete(m[batch], partition)
	if len(m[batch]) == 0 {
		delete(m, batch)
	}
}

// Complete returns the manifests of a batch by partition when all of them are there, else nil.
func (m Manifests) Complete(batch uint64) map[int32]Manifest {
	parts := m[batch]
	for _, one := range parts {
		if len(parts) != int(one.Partitions) {
			return nil
		}
	}
	return parts
}
