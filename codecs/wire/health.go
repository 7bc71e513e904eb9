package wire

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidemark/tidemark/tables"
)

// HealthName is the header of progress records that says how well the processing of
// the partition is. Records of older processors have none.
const HealthName = "health"

const healthVersion = 1

// Health is that header: counts over the life of the table's generation, about, and
// what is wrong at present.
type Health struct {
	Rows        int64 // source records that gave a row
	DeadLetters int64 // source records that were set aside
	Settled     int64 // those of them that were retried with success, or dropped
	Skipped     int64 // source records that concern no row
	Unsettled   int64 // keys; views count them by the rows, so processors tell 0
	// BestRows and BestDeadLetters are Rows and Open at the moment when rows were furthest ahead
	// of dead letters, of those when the source had been read to its end: they say whether
	// the table could be read once, whatever came later.
	BestRows, BestDeadLetters int64
	// CountedUntil is the source offset before which every record is counted, and SettledUntil the
	// one of the control topic before which every settled dead letter is; 0 in records of older
	// processors. What is read again is not counted again.
	CountedUntil, SettledUntil int64
	Troubles                   []tables.Trouble
}

// Open counts the dead letters that are neither retried nor dropped.
func (h *Health) Open() int64 { return max(0, h.DeadLetters-h.Settled) }

// Limits keep a header small, whatever was seen.
const (
	maxTroubles    = 16
	maxTroubleText = 1000
)

// reasonCodes are the bytes that reasons are written as: a code is its place here,
// and never changes.
func reasonCodes() []tables.Reason {
	return []tables.Reason{
		1: tables.PartitionRefused, 2: tables.SourceMissing, 3: tables.SourceRecreated, 4: tables.DeadLetters,
		5: tables.SourceSilent, 6: tables.UnsettledKeys, 7: tables.BatchOverdue, 8: tables.DiskNearlyFull,
		9: tables.SchemaDrift, 10: tables.DefinitionWaits, 11: tables.Building,
	}
}

const troubleStops = 1

func (h *Health) counts() []*int64 {
	return []*int64{&h.Rows, &h.DeadLetters, &h.Settled, &h.Skipped, &h.Unsettled, &h.BestRows, &h.BestDeadLetters, &h.CountedUntil, &h.SettledUntil}
}

// AppendHealth appends the bytes of h to dst. Texts are clipped, and so is their number.
func AppendHealth(dst []byte, h *Health) []byte {
	dst = append(dst, healthVersion)
	counts := h.counts()
	dst = binary.AppendUvarint(dst, uint64(len(counts)))
	for _, n := range counts {
		dst = binary.AppendUvarint(dst, uint64(max(0, *n)))
	}
	codes := reasonCodes()
	listed := h.Troubles[:min(len(h.Troubles), maxTroubles)]
	dst = binary.AppendUvarint(dst, uint64(len(listed)))
	for _, t := range listed {
		var flags byte
		if t.Stops {
			flags = troubleStops
		}
		text := clipText(t.Text)
		dst = append(dst, byte(max(0, slices.Index(codes, t.Reason))), flags)
		dst = binary.AppendUvarint(dst, uint64(len(text)))
		dst = append(dst, text...)
	}
	return dst
}

// clipText makes valid text of a bounded size.
func clipText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxTroubleText {
		return s
	}
	cut := maxTroubleText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// ParseHealth reads a header. Counts and reasons that later versions of the program add
// are passed over.
func ParseHealth(b []byte) (Health, error) {
	r := reader{b: b}
	r.version(healthVersion)
	var h Health
	counts := h.counts()
	for i := range r.length() {
		n := r.uvarint()
		if i < len(counts) {
			*counts[i] = int64(n &^ (1 << 63))
		}
	}
	codes := reasonCodes()
	for range min(r.length(), 255) {
		code, flags := int(r.byte()), r.byte()
		text := r.take(r.uvarint())
		if code > 0 && code < len(codes) && !r.bad {
			h.Troubles = append(h.Troubles, tables.Trouble{Reason: codes[code], Text: clipText(string(text)), Stops: flags&troubleStops != 0})
		}
	}
	if r.bad {
		return Health{}, fmt.Errorf("health of a partition: %w", ErrCorrupt)
	}
	return h, nil
}

// length reads the number of things that follow, each of a byte at least.
func (r *reader) length() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}
