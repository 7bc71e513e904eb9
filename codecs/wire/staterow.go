package wire

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
)

// The state row is what the group table and its changelog hold for a key; see FORMAT.md.
const (
	stateRowVersion = 1

	flagHidden      = 1 << 0
	flagDocument    = 1 << 1
	flagUnavailable = 1 << 2
	flagSource      = 1 << 3
	flagSnapshot    = 1 << 4
	flagStreamed    = 1 << 5
	flagEpochs      = 1 << 6
	flagPrecedence  = 1 << 7

	precedenceUnsettled = 1 << 0
	precedenceKnown     = 1<<1 - 1
)

// Fingerprint identifies a table's columns: their names, types, paths and
// encodings, in order. A state row of another fingerprint has other columns.
func Fingerprint(t *tables.Table) uint32 {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, c := range t.Columns {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00", c.Name, c.Type, c.Where(), c.Encoding)
		for _, place := range c.OtherPaths {
			fmt.Fprintf(h, "or\x00%s\x00", place)
		}
		if c.Items != nil {
			fmt.Fprintf(h, "items\x00%s\x00", c.Items)
		}
	}
	return h.Sum32()
}

// AppendStateRow appends the state row of r to dst.
func AppendStateRow(dst []byte, fingerprint uint32, r *tables.Row) []byte {
	var unavailable uint64
	for _, v := range r.Values {
		if v.Kind() == tables.Unavailable {
			unavailable++
		}
	}
	flags := stateRowFlags(r, unavailable > 0)
	dst = append(dst, stateRowVersion, flags)
	dst = binary.BigEndian.AppendUint32(dst, fingerprint)
	dst = binary.AppendUvarint(dst, uint64(r.Offset))
	dst = binary.AppendVarint(dst, r.Time)
	if r.Source.Known() {
		dst = appendSource(dst, r.Source)
	}
	if r.Streamed.Known() {
		dst = appendSource(dst, r.Streamed)
		dst = binary.AppendVarint(dst, r.StreamedTime)
	}
	if flags&flagEpochs != 0 {
		dst = appendEpoch(dst, r.Source)
		if r.Streamed.Known() {
			dst = appendEpoch(dst, r.Streamed)
		}
	}
	if flags&flagPrecedence != 0 {
		dst = appendPrecedence(dst, r)
	}
	if unavailable > 0 {
		dst = binary.AppendUvarint(dst, unavailable)
		for i, v := range r.Values {
			if v.Kind() == tables.Unavailable {
				dst = binary.AppendUvarint(dst, uint64(i))
			}
		}
	}
	return appendSections(dst, r)
}

// stateRowFlags says which parts a row has.
func stateRowFlags(r *tables.Row, unavailable bool) (flags byte) {
	set := func(on bool, f byte) {
		if on {
			flags |= f
		}
	}
	set(r.Hidden, flagHidden)
	set(r.Document != nil, flagDocument)
	set(unavailable, flagUnavailable)
	set(r.Source.Known(), flagSource)
	set(r.Source.Snapshot, flagSnapshot)
	set(r.Streamed.Known(), flagStreamed)
	set(r.Source.Epoch != 0 || r.Streamed.Epoch != 0, flagEpochs)
	set(r.Logged != 0 || r.SourcePartition != 0 || r.Unsettled, flagPrecedence)
	return flags
}

// appendSections appends the values, length first, and the document, which is the rest.
func appendSections(dst []byte, r *tables.Row) []byte {
	const room = 2 // the length of most values sections takes one or two bytes
	at := len(dst)
	dst = append(dst, make([]byte, room)...)
	dst = AppendValues(dst, r.Values)
	n := len(dst) - at - room
	if n < 1<<14 {
		dst[at] = byte(n) | 0x80 // a two-byte uvarint, also where one byte would do
		dst[at+1] = byte(n >> 7)
	} else {
		values := append([]byte(nil), dst[at+room:]...)
		dst = binary.AppendUvarint(dst[:at], uint64(n))
		dst = append(dst, values...)
	}
	return append(dst, r.Document...)
}

func appendSource(dst []byte, s tables.SourcePosition) []byte {
	dst = append(dst, byte(s.Kind))
	dst = binary.AppendUvarint(dst, s.Major)
	dst = binary.AppendUvarint(dst, s.Minor)
	return binary.AppendUvarint(dst, uint64(s.Sub))
}

func (r *reader) source(snapshot bool) tables.SourcePosition {
	return tables.SourcePosition{
		Kind: tables.SourceKind(r.byte()), Snapshot: snapshot,
		Major: r.uvarint(), Minor: r.uvarint(), Sub: uint32(r.uvarint()),
	}
}

// appendEpoch appends a position's epoch, and its place by GTIDs in it.
func appendEpoch(dst []byte, s tables.SourcePosition) []byte {
	dst = binary.BigEndian.AppendUint32(dst, s.Epoch)
	return binary.AppendUvarint(dst, s.Serial)
}

func (r *reader) epoch(s *tables.SourcePosition) {
	s.Epoch, s.Serial = r.fixed32(), r.uvarint()
}

// appendPrecedence appends what is known of a row whose key may be in several partitions.
func appendPrecedence(dst []byte, r *tables.Row) []byte {
	var flags byte
	if r.Unsettled {
		flags |= precedenceUnsettled
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(r.SourcePartition))
	return appendLogged(dst, r.Time, r.Logged)
}

// appendLogged appends the time of a record, which is often a little after the event's.
func appendLogged(dst []byte, time, logged int64) []byte {
	if logged == 0 {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	return binary.AppendVarint(dst, logged/1000-time/1000)
}

func (r *reader) logged(time int64) int64 {
	if r.byte() == 0 {
		return 0
	}
	return (time/1000 + r.varint()) * 1000
}

// StateRow is a state row whose parts have been found but whose values have not
// been decoded. Its slices alias the bytes it was parsed from.
type StateRow struct {
	Fingerprint uint32
	Hidden      bool
	Offset      int64
	Time        int64
	Source      tables.SourcePosition
	// Streamed and StreamedTime are a row's of the same name.
	Streamed     tables.SourcePosition
	StreamedTime int64
	// Logged, SourcePartition and Unsettled are a row's of the same names.
	Logged          int64
	SourcePartition int32
	Unsettled       bool
	Document        []byte // nil when none is kept
	ValueBytes      []byte // the values section
	unavailable     []byte
}

// ParseStateRow finds the parts of a state row.
func ParseStateRow(b []byte) (StateRow, error) {
	r := reader{b: b}
	r.version(stateRowVersion)
	flags := r.byte()
	s := StateRow{Fingerprint: r.fixed32(), Hidden: flags&flagHidden != 0}
	s.Offset, s.Time = int64(r.uvarint()), r.varint()
	if flags&flagSource != 0 {
		s.Source = r.source(false)
	}
	s.Source.Snapshot = flags&flagSnapshot != 0 // also without a position, as rows of incremental snapshots are
	if flags&flagStreamed != 0 {
		s.Streamed = r.source(false)
		s.StreamedTime = r.varint()
	}
	if flags&flagEpochs != 0 {
		r.epoch(&s.Source)
		if flags&flagStreamed != 0 {
			r.epoch(&s.Streamed)
		}
	}
	place := byte(0)
	if flags&flagPrecedence != 0 {
		place = r.byte()
		s.Unsettled, s.SourcePartition = place&precedenceUnsettled != 0, int32(r.uvarint())
		s.Logged = r.logged(s.Time)
	}
	if flags&flagUnavailable != 0 {
		all := r.b
		for n := r.uvarint(); n > 0 && !r.bad; n-- {
			r.uvarint()
		}
		s.unavailable = all[:len(all)-len(r.b)]
	}
	s.ValueBytes = r.take(r.uvarint())
	if flags&flagDocument != 0 {
		s.Document = r.take(uint64(len(r.b)))
	}
	if err := r.end(); err != nil || s.ValueBytes == nil || place > precedenceKnown {
		return StateRow{}, fmt.Errorf("state row: %w", ErrCorrupt)
	}
	return s, nil
}

// Incomplete reports whether a column is unavailable.
func (s *StateRow) Incomplete() bool { return s.unavailable != nil }

// LastStreamed returns the position and time of the last streamed event that the
// row reflects: its own, or the one before a snapshot wrote it. The position is not
// known when there was none.
func (s *StateRow) LastStreamed() (tables.SourcePosition, int64) {
	if s.Source.Known() && !s.Source.Snapshot {
		return s.Source, s.Time
	}
	return s.Streamed, s.StreamedTime
}

// Precedence returns the precedence of the change that wrote the row.
func (s *StateRow) Precedence() tables.Precedence {
	return tables.Precedence{Source: s.Source, Time: s.Time, Logged: s.Logged}
}

// Row decodes the values into dst, which may be nil, and returns the row. The
// values do not alias the state row's bytes; the document does.
func (s *StateRow) Row(dst []tables.Value) (tables.Row, error) {
	values, err := DecodeValues(dst[:0], s.ValueBytes)
	if err != nil {
		return tables.Row{}, fmt.Errorf("state row: %w", err)
	}
	if s.unavailable != nil {
		r := reader{b: s.unavailable}
		for n := r.uvarint(); n > 0 && !r.bad; n-- {
			i := r.uvarint()
			if i >= uint64(len(values)) {
				return tables.Row{}, fmt.Errorf("state row: %w", ErrCorrupt)
			}
			values[i] = tables.UnavailableValue()
		}
	}
	return tables.Row{
		Values: values, Document: s.Document, Offset: s.Offset, Time: s.Time, Source: s.Source, Hidden: s.Hidden,
		Streamed: s.Streamed, StreamedTime: s.StreamedTime, Logged: s.Logged, SourcePartition: s.SourcePartition, Unsettled: s.Unsettled,
	}, nil
}

// RowHash is a row's share in a batch's checksum: the xxHash64 of its key and its
// values section. Checksums are sums of row hashes modulo 2^64, so their order
// does not matter and a row can be taken out again. Unavailable counts as null;
// document, time and positions do not count.
func RowHash(key tables.Key, valueBytes []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(string(key))
	_, _ = d.Write(valueBytes)
	return d.Sum64()
}
