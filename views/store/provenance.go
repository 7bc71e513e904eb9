package store

import "github.com/tidemark/tidemark/tables"

// Provenance says where a key's row came from.
type Provenance uint8

const (
	// Nowhere: the key has no row. Who has removed it is not told: of deletions that follow
	// each other only the first leaves an entry.
	Nowhere Provenance = iota
	// InDelta: a record of the partition that is returned with it brought the row.
	InDelta
	// InBase: from a partition that the base does not keep.
	InBase
)

// Provenance returns the partition of the changelog whose record brought a key's row.
// It is for the goroutine that applies changes.
func (s *Store) Provenance(key tables.Key) (partition int32, from Provenance) {
	v, hash := s.current.Load(), hashKey(key)
	if entry, _ := v.delta.newest(key, hash); entry >= 0 {
		c, i := at(*v.delta.chunks.Load(), entry)
		if c.gone[i] {
			return 0, Nowhere
		}
		return c.part[i], InDelta
	}
	if v.base.find(key, hash) >= 0 {
		return 0, InBase
	}
	return 0, Nowhere
}
