package store

import "github.com/tidemark/tidemark/tables"

// Provenance says where a key's row came from.
type Provenance uint8

const (
	// Nowhere: the key has no row. Who has removed it is not known: of deletions that follow
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
	part, inDelta, inBase := s.current.Load().BroughtBy(key)
	switch {
	case inDelta:
		return part, InDelta
	case inBase:
		return 0, InBase
	}
	return 0, Nowhere
}
