package store

import (
	"strconv"

	"github.com/tidemark/tidemark/tables"
)

// Snapshot is the rows of a table at one instant. It can be used by any number of
// goroutines, for any time; it keeps what it needs in memory.
type Snapshot struct {
	v         *version
	cores     int
	nonce     uint64
	admission Admission
}

// Table returns the table.
func (s *Snapshot) Table() *tables.Table { return s.v.layout.table }

// Rows returns the number of rows.
func (s *Snapshot) Rows() int64 { return int64(s.v.rows) }

// Position returns, per partition of the source, the next offset that is not
// reflected. It must not be changed.
func (s *Snapshot) Position() tables.Position { return s.v.position }

// Batch returns the number of the newest batch that the rows stand on, 0 before the first.
func (s *Snapshot) Batch() uint64 { return s.v.batch }

// Version counts the changes of the store's rows. It is the same in two snapshots of
// one store exactly when their rows are.
func (s *Snapshot) Version() uint64 { return s.v.number }

// ETag identifies the rows among all stores and restarts, without quotes.
func (s *Snapshot) ETag() string {
	return strconv.FormatUint(s.nonce, 36) + "-" + strconv.FormatUint(s.v.number, 36)
}

// Held says what keeping the snapshot keeps in memory: the same thing for all snapshots between
// two merges, and its bytes.
func (s *Snapshot) Held() (what any, bytes int64) {
	if s.v == nil {
		return nil, 0
	}
	g := s.v.generation
	return g.base, g.base.bytes() + g.tombstones.bytes.Load() + g.delta.memory()
}

// Delta returns the number of changes since the base.
func (s *Snapshot) Delta() int64 { return int64(s.v.count) }

// Lookup appends the values of the key's row to dst, and reports whether there is one.
func (s *Snapshot) Lookup(key tables.Key, dst []tables.Value) ([]tables.Value, bool) {
	r := s.v.find(key)
	if r == noRef {
		return dst, false
	}
	return s.v.appendValues(dst, r), true
}
