package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
)

// The versions of a record of generations. One whose definitions an earlier program
// would read as others is of the second.
const (
	generationVersion      = 2
	generationFirstVersion = 1
)

// ErrNewer is in the error of a record that a later version of the program wrote.
var ErrNewer = errors.New("it was written by a later version of the program")

// GenerationRecord says which generations a table has: the one that is read, the one that is
// being built beside it, and those whose topics are still there. It is a record of the
// table's generations topic. Of the records with one number the first one counts, and of
// those the one with the highest number.
type GenerationRecord struct {
	Version int    `json:"version"`
	Number  uint64 `json:"number"` // from 1
	// Writer distinguishes those who write the same number.
	Writer string    `json:"writer"`
	At     time.Time `json:"at"`
	// Current is the generation that is read, with the definition that its rows have.
	Current tables.Table `json:"current"`
	// By is who made Current's definition; nil where an earlier program did.
	By *Maker `json:"by,omitempty"`
	// Plan is how Current was filled, for as long as what it was filled from is there.
	Plan *BootstrapPlan `json:"filling,omitempty"`
	// Build is the generation that is being built; nil when none is.
	Build *Build `json:"build,omitempty"`
	// Retired are generations that are no longer read and whose topics are still there.
	Retired []tables.Table `json:"retired,omitempty"`
	// Last is how the last build ended.
	Last *BuildOutcome `json:"last,omitempty"`
	// Highest is the highest number that a generation has had: none is used again.
	Highest int `json:"highest"`
	// Earlier are digests of definitions that others have replaced, oldest first. Who
	// still has one of them does not ask for it again.
	Earlier []string `json:"earlier,omitempty"`
}

// Maker is who made a definition the table's.
type Maker struct {
	Host    string    `json:"host"`
	Version string    `json:"version"` // of the program
	At      time.Time `json:"at"`
}

// String tells it to a person.
func (m *Maker) String() string {
	if m == nil {
		return "an earlier version of the program"
	}
	return fmt.Sprintf("%s at %s with version %s", m.Host, m.At.Format(time.RFC3339), m.Version)
}

// BootstrapPlan says what a generation is filled from.
type BootstrapPlan struct {
	From tables.Table `json:"from"`
	Rows string       `json:"rows"` // carry, adopt or sweep
	// Time and Offsets are where the source is read from; its earliest record with neither.
	Time    time.Time       `json:"time,omitzero"`
	Offsets tables.Position `json:"offsets,omitempty"`
}

// Why a generation is built.
const (
	BuildDefinition = "definition"
	BuildReplay     = "replay"
)

// Build is a generation that is being built.
type Build struct {
	Table tables.Table  `json:"table"`
	Plan  BootstrapPlan `json:"filling"`
	Why   string        `json:"why"` // BuildDefinition or BuildReplay
	Asked time.Time     `json:"asked"`
	// By is who asked for another definition; nil where it is that of the current generation.
	By *Maker `json:"by,omitempty"`
}

// BuildOutcome is how a build ended.
type BuildOutcome struct {
	Generation int       `json:"generation"`
	Why        string    `json:"why"`
	Asked      time.Time `json:"asked"`
	Ended      time.Time `json:"ended"`
	Rows       int64     `json:"rows"`
	Adopted    int64     `json:"adopted"`
	Swept      int64     `json:"swept"`
	Failure    string    `json:"failure,omitempty"` // why it was given up; empty when it was not
}

// AppendGenerationRecord appends the record of l, in the first version that gives all of it, to dst.
func AppendGenerationRecord(dst []byte, l GenerationRecord) ([]byte, error) {
	l.Version = generationFirstVersion
	if slices.ContainsFunc(l.definitions(), readAnew) {
		l.Version = generationVersion
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("write the record of table %s's generations: %w", l.Current.Name, err)
	}
	return append(dst, text...), nil
}

// ParseGenerationRecord reads a record of AppendGenerationRecord. The error holds ErrNewer when a later
// version of the program wrote it, and ErrCorrupt when nobody can have.
func ParseGenerationRecord(b []byte) (GenerationRecord, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil || head.Version < 1 {
		return GenerationRecord{}, fmt.Errorf("record of generations: %w", ErrCorrupt)
	}
	if head.Version > generationVersion {
		return GenerationRecord{}, fmt.Errorf("record of generations, version %d: %w", head.Version, ErrNewer)
	}
	var l GenerationRecord
	if err := json.Unmarshal(b, &l); err != nil {
		return GenerationRecord{}, fmt.Errorf("record of generations: %w: %w", ErrCorrupt, err)
	}
	if err := l.whole(); err != nil {
		return GenerationRecord{}, fmt.Errorf("record of generations: %w: %w", ErrCorrupt, err)
	}
	return l, nil
}

// readAnew reports whether a program that knows the first version only would read the
// source of a definition in another way.
func readAnew(t *tables.Table) bool {
	if t.Source.Table != "" && (t.Source.Format == tables.DebeziumJSON || t.Source.Format == tables.DebeziumAvro) {
		return true
	}
	return slices.ContainsFunc(t.Columns, func(c tables.Column) bool {
		return len(c.OtherPaths) > 0 || c.Items != nil || c.Encoding == tables.EncodingEpochS
	})
}

// definitions returns those that somebody reads by.
func (l *GenerationRecord) definitions() []*tables.Table {
	all := []*tables.Table{&l.Current}
	if l.Build != nil {
		all = append(all, &l.Build.Table, &l.Build.Plan.From)
	}
	if l.Plan != nil {
		all = append(all, &l.Plan.From)
	}
	return all
}

// whole says what is missing, so that no reader comes upon a table without it.
func (l *GenerationRecord) whole() error {
	for _, t := range l.definitions() {
		if t.Name == "" || t.Name != l.Current.Name || t.Generation < 0 || t.Source.Topic == "" || len(t.Key) == 0 {
			return errors.New("a definition in it is not whole")
		}
		for _, name := range append(append([]string(nil), t.Key...), t.SortKey...) {
			if t.ColumnIndex(name) < 0 {
				return fmt.Errorf("%q is no column of its table", name)
			}
		}
	}
	if l.Number == 0 {
		return errors.New("it has no number")
	}
	return nil
}

// GenerationRecordKey returns the key of a record of generations: one for each writer of each
// number, so that compaction keeps the one that counts.
func GenerationRecordKey(number uint64, writer string) []byte {
	return fmt.Appendf(nil, "lineage/%020d/%s", number, writer)
}

// Member says what a process does with a table's generations, for as long as there are
// several. It is a record of the same topic, under MemberKey; a tombstone says that the
// process ended.
type Member struct {
	Serves int   `json:"serves"` // the generation that it answers from, -1 when it has no view
	Runs   []int `json:"runs"`   // the generations that it processes or reads
}

// MemberKey returns the key of a process's record.
func MemberKey(id string) []byte { return []byte("member/" + id) }

// MemberID returns the process of a member record's key, and whether it is one.
func MemberID(key []byte) (string, bool) {
	const prefix = "member/"
	if len(key) <= len(prefix) || string(key[:len(prefix)]) != prefix {
		return "", false
	}
	return string(key[len(prefix):]), true
}

// AppendMember appends the record of m to dst.
func AppendMember(dst []byte, m Member) []byte {
	text, _ := json.Marshal(m) // numbers cannot fail
	return append(dst, text...)
}

// ParseMember reads a record of AppendMember.
func ParseMember(b []byte) (Member, error) {
	var m Member
	if err := json.Unmarshal(b, &m); err != nil {
		return Member{}, fmt.Errorf("member record: %w: %w", ErrCorrupt, err)
	}
	return m, nil
}

// Digest identifies what the rows of a table depend on: two definitions with the same
// digest have the same rows. How views sort and index them, and when batches are taken,
// is no part of it, and neither is where columns come from.
func Digest(t *tables.Table) string {
	d := *t
	d.Generation, d.SortKey, d.Batch, d.Rollups, d.ColumnsFrom = 0, nil, tables.BatchPolicy{}, nil, tables.ColumnsDeclared
	if d.Document == "" {
		d.Document = tables.DocumentDrop
	}
	if d.Source.Partitioner == "" {
		d.Source.Partitioner = tables.PartitionMurmur2
	}
	if d.Source.Placeholder == "" {
		d.Source.Placeholder = tables.DefaultPlaceholder
	}
	d.Columns = make([]tables.Column, len(t.Columns))
	for i, c := range t.Columns {
		c.Path, c.Index, c.Told = c.Where(), false, false
		d.Columns[i] = c
	}
	text, _ := json.Marshal(&d) // texts, numbers and bools cannot fail
	return fmt.Sprintf("%016x", xxhash.Sum64(text))
}
