package mvcc

import (
	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func hashKey(k tables.Key) uint64  { return xxhash.Sum64String(string(k)) }
func hashKeyBytes(k []byte) uint64 { return xxhash.Sum64(k) }

// Hasher computes row hashes with buffers of its own.
type Hasher struct {
	values     []tables.Value
	key, bytes []byte
}

// Hash returns the hash of a row whose values are given by column.
func (h *Hasher) Hash(l *Layout, value func(col int) tables.Value) uint64 {
	h.values = h.values[:0]
	for c := range l.Types {
		h.values = append(h.values, value(c))
	}
	h.key = l.appendKeyOf(h.key[:0], h.values)
	h.bytes = wire.AppendValues(h.bytes[:0], h.values)
	return wire.RowHash(tables.Key(h.key), h.bytes)
}
