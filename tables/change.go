package tables

import "cmp"

// Op is what a change does to its key.
type Op uint8

// The operations. Skip is an event that concerns no row (a heartbeat, a schema
// change, transaction metadata): it is counted and moves the position on.
const (
	Skip Op = iota
	Upsert
	Delete
	Truncate
)

// String returns the operation's name.
func (o Op) String() string {
	switch o {
	case Upsert:
		return "upsert"
	case Delete:
		return "delete"
	case Truncate:
		return "truncate"
	}
	return "skip"
}

// Change is one decoded CDC event.
type Change struct {
	Op              Op
	Key             Key     // empty for Truncate and Skip
	Values          []Value // one per column of the table, for Upsert; Unavailable where the event has a placeholder
	Document        []byte  // the raw JSON of the row, when the table keeps it
	Partition       int32   // of the source topic
	Offset          int64   // in it
	Time            int64   // microseconds since the epoch: the database's time, else the record's
	Logged          int64   // the source record's own time, where a key may be in several of the source's partitions; else 0
	Sent            int64   // when the connector sent it, where the database's time is not known; else 0
	SourcePartition int32   // one more than the record's partition of the source, where records are repartitioned by their keys; else 0
	Source          SourcePosition
	Reason          string // why it was skipped: a short constant word, for the counter's label
	OldKey          Key    // of the row that this one replaces by a change of primary key, when the event says so
	NewKey          Key    // of the row that replaces this one
	Incomplete      bool   // some value is Unavailable: the stored row is needed to fill it
}

// SourceKind is the database system that a source position belongs to.
type SourceKind uint8

// The kinds of source positions.
const (
	SourceNone SourceKind = iota
	SourcePostgres
	SourceMySQL
	SourceSQLServer
	SourceOracle
	SourceMongoDB
	SourceTiDB
)

// SourcePosition is where an event is in the log of its database. Positions
// of one kind and one epoch of a database are ordered; see Compare.
//
//	postgres   Major 0, Minor lsn
//	mysql      Major number of the binlog file, Minor pos, Sub row
//	sqlserver  Major the commit lsn's first 8 bytes, Minor the change lsn's, Sub the last 2 of each and the event's number
//	oracle     Major commit scn, Minor scn, Sub ssn
//	mongodb    Major seconds, Minor ordinal
//	tidb       Minor the commit's timestamp
type SourcePosition struct {
	Kind     SourceKind
	Snapshot bool // read from a snapshot: not comparable with streamed events
	Major    uint64
	Minor    uint64
	Sub      uint32
	// Epoch distinguishes the logs that positions can be of: a hash of connector, database,
	// server. 0 is that of positions kept before there were epochs.
	Epoch uint32
	// Serial is the number of the transaction in its epoch, where a GTID has it: it
	// holds across servers, which each have files of their own. 0 where there is none.
	Serial uint64
}

// A log block of SQL Server has at most 60 KiB, so the slots in it are far fewer than
// their 16 bits could count; the events of one change are two.
const (
	slotBits   = 13
	serialBits = 6
	maxSlot    = 1<<slotBits - 1
	maxSerial  = 1<<serialBits - 1
)

// SubOfSQLServer returns a position's Sub from the last 2 bytes of the commit lsn and of
// the change lsn, and from the number of the event, 0 where that is unknown.
func SubOfSQLServer(commit, change uint16, serial int64) uint32 {
	return min(uint32(commit), maxSlot)<<(slotBits+serialBits) | min(uint32(change), maxSlot)<<serialBits | uint32(min(max(serial, 0), maxSerial))
}

// SlotsOfSQLServer returns the last 2 bytes of the commit lsn and of the change lsn that a
// Sub was made of.
func SlotsOfSQLServer(sub uint32) (commit, change uint16) {
	return uint16(sub >> (slotBits + serialBits)), uint16(sub >> serialBits & maxSlot)
}

// Known reports whether there is a position at all.
func (s SourcePosition) Known() bool { return s.Kind != SourceNone }

// Compare orders two positions of the same kind, as a reader of one log sees them.
func (s SourcePosition) Compare(o SourcePosition) int {
	return cmp.Or(cmp.Compare(s.Major, o.Major), cmp.Compare(s.Minor, o.Minor), cmp.Compare(s.Sub, o.Sub))
}

// Comparable reports whether a database has put two events in an order, which Compare returns: both are
// streamed, from a log of the same kind.
func (s SourcePosition) Comparable(o SourcePosition) bool {
	return s.Known() && s.Kind == o.Kind && !s.Snapshot && !o.Snapshot
}

// Same reports whether two positions are of one event, also where one of them was kept
// before there were epochs.
func (s SourcePosition) Same(o SourcePosition) bool {
	return s.Kind == o.Kind && s.Snapshot == o.Snapshot && s.Compare(o) == 0 && (s.Epoch == o.Epoch || s.Epoch == 0 || o.Epoch == 0)
}

// Order orders two streamed events by the log of their database. ok is false where they
// have no order: one of them is a snapshot's, or they are of different epochs.
func (s SourcePosition) Order(o SourcePosition) (order int, ok bool) {
	if !s.Known() || s.Kind != o.Kind || s.Epoch != o.Epoch || s.Snapshot || o.Snapshot {
		return 0, false
	}
	if s.Serial != o.Serial && s.Serial > 0 && o.Serial > 0 {
		return cmp.Compare(s.Serial, o.Serial), true
	}
	return s.Compare(o), true
}

// LastStreamed returns the position and time of the last streamed event that the
// row reflects; the position is not known when there was none.
func (r *Row) LastStreamed() (SourcePosition, int64) {
	if r.Source.Known() && !r.Source.Snapshot {
		return r.Source, r.Time
	}
	return r.Streamed, r.StreamedTime
}

// Row is the latest state of one key.
type Row struct {
	Values   []Value
	Document []byte
	Offset   int64 // of the source record that wrote it
	Time     int64 // microseconds since the epoch
	Source   SourcePosition
	Hidden   bool // outside the table's where: kept to fill later values, never served
	// Logged and SourcePartition are a change's of the same name.
	Logged          int64
	SourcePartition int32
	// Unsettled says that nothing decided which of two changes from different partitions is
	// the later one: the row is that of the one that came later.
	Unsettled bool
	// Streamed and StreamedTime are those of the last streamed event before a
	// snapshot wrote the row, where there was one: a connector that starts again after
	// a crash may take a snapshot, and then send what it had sent before.
	Streamed     SourcePosition
	StreamedTime int64
}
