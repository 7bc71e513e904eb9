package kafka

import (
	"hash/crc32"
	"hash/fnv"

	"github.com/tidemark/tidemark/tables"
)

// PartitionOf returns the partition of n, at least 1, into which a producer with the given
// partitioner puts a record with this key, and whether that is known: not for
// PartitionAny, nor for a record without a key.
//
//	murmur2   Java's producer: the hash without its sign
//	fnv1a     sarama's producer: the hash as a signed number, its remainder without the sign
//	crc32     librdkafka's consistent partitioner
func PartitionOf(p tables.Partitioner, key []byte, n int32) (int32, bool) {
	if key == nil || n < 1 {
		return 0, false
	}
	switch p {
	case tables.PartitionMurmur2, "":
		return int32(Murmur2(key)&0x7fffffff) % n, true
	case tables.PartitionFNV1a:
		h := fnv.New32a()
		_, _ = h.Write(key)
		part := int32(h.Sum32()) % n
		if part < 0 {
			part = -part
		}
		return part, true
	case tables.PartitionCRC32:
		return int32(crc32.ChecksumIEEE(key) % uint32(n)), true
	}
	return 0, false
}

// Murmur2 is the hash of Java's producer.
func Murmur2(b []byte) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
	)
	h := seed ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h *= m
		h ^= k
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h ^= uint32(b[0])
		h *= m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
