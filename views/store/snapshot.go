package store

import (
	"strconv"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/mvcc"
	"github.com/tidemark/tidemark/views/store/scan"
)

// Admission is asked before a query begins that may take long.
type Admission = scan.Admission

// Snapshot is the rows of a table at one instant. It can be used by any number of
// goroutines, for any time; it keeps what it needs in memory.
type Snapshot struct {
	v         *mvcc.Version
	cores     int
	nonce     uint64
	admission Admission
}

// Table returns the table.
func (s *Snapshot) Table() *tables.Table { return s.v.Layout.Table }

// Rows returns the number of rows.
func (s *Snapshot) Rows() int64 { return int64(s.v.Rows) }

// Position returns, per partition of the source, the next offset that is not
// reflected. It must not be changed.
func (s *Snapshot) Position() tables.Position { return s.v.Position }

// Batch returns the number of the newest batch that the rows are based on, 0 before the first.
func (s *Snapshot) Batch() uint64 { return s.v.Batch }

// Version counts the changes of the store's rows. It is the same in two snapshots of
// one store exactly when their rows are.
func (s *Snapshot) Version() uint64 { return s.v.Number }

// ETag identifies the rows among all stores and restarts, without quotes.
func (s *Snapshot) ETag() string {
	return strconv.FormatUint(s.nonce, 36) + "-" + strconv.FormatUint(s.v.Number, 36)
}

// Held says what keeping the snapshot keeps in memory: the same thing for all snapshots between
// two merges, and its bytes.
func (s *Snapshot) Held() (what any, bytes int64) {
	if s.v == nil {
		return nil, 0
	}
	g := s.v.Generation
	return g.Base, g.Base.Bytes() + g.Tombstones.Bytes.Load() + g.Delta.Memory()
}

// Delta returns the number of changes since the base.
func (s *Snapshot) Delta() int64 { return int64(s.v.Count) }

// Lookup appends the values of the key's row to dst, and reports whether there is one.
func (s *Snapshot) Lookup(key tables.Key, dst []tables.Value) ([]tables.Value, bool) {
	r := s.v.Find(key)
	if r == mvcc.NoRef {
		return dst, false
	}
	return s.v.AppendValues(dst, r), true
}

// Admitting returns the same rows, of which queries that may take long ask first.
func (s *Snapshot) Admitting(a Admission) *Snapshot {
	out := *s
	out.admission = a
	return &out
}

// reading is what a query of the snapshot reads.
func (s *Snapshot) reading() scan.Reading {
	return scan.Reading{Version: s.v, Cores: s.cores, Room: s.admission}
}
