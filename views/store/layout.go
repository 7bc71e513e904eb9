package store

import (
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// layout is what the store knows of a table's columns once and for all.
type layout struct {
	table *tables.Table
	types []tables.Type
	forms []column.Form
	all   []int // places of all columns
	key   []int // places of the key's columns
	sort  []int // places of the sort key's columns, then of those of the key that it lacks
	// sortOnly is how many of sort are the declared sort key.
	sortOnly int
	// intKey is the key's only column when it is an int64; else -1.
	intKey int
	// ordered are the columns that the delta's chunks are ordered by.
	ordered []int
	tuning  tuning
}

// tuning are sizes that decide between two ways to the same answer.
type tuning struct {
	smallScan int // rows that are sooner read by one goroutine
	morsel    int // rows that a goroutine takes at a time
	setWords  int // most words of bits that one goroutine has for one count of distinct values
	fewTexts  int // distinct texts that are worth a dictionary in any table
	sample    int // texts of an arena that are looked at to see whether a dictionary may pay
	index     int // rows whose keys are sooner indexed by one goroutine
	ordered   int // rows that are read in order before other cores help, in any order
	jump      int // rows that are scanned in the time of one by index: a jump in memory
	tail      int // entries of the delta that the writer waits for in a swap
	rounds    int // how often a swap runs after the writer before it makes it wait
	longest   int // bytes of one value: what a dictionary's offsets of 32 bits leave
}

// The usual sizes; the bits are 32 MiB.
func usualTuning() tuning {
	return tuning{
		smallScan: 64 << 10, morsel: 32 << 10, setWords: 4 << 20, fewTexts: 4 << 10, sample: 8 << 10, index: 64 << 10,
		ordered: 128 << 10, jump: 128, tail: 256, rounds: 4, longest: column.MaxDictionary,
	}
}

const manyTexts = 1 << 20

// dictionaryLimit returns how many distinct texts a column of so many rows may have
// and still be kept as codes.
func (t tuning) dictionaryLimit(rows int) int { return min(max(rows/4, t.fewTexts), manyTexts) }

func newLayout(t *tables.Table) (*layout, error) {
	l := &layout{table: t, intKey: -1, tuning: usualTuning()}
	for i, c := range t.Columns {
		if c.Type.Kind <= tables.Unavailable || c.Type.Kind > tables.Timestamp {
			return nil, fmt.Errorf("table %s: column %s has no type", t.Name, c.Name)
		}
		l.all = append(l.all, i)
		l.types = append(l.types, c.Type)
		l.forms = append(l.forms, column.FormOf(c.Type))
	}
	if len(t.Key) == 0 {
		return nil, fmt.Errorf("table %s has no key", t.Name)
	}
	for _, names := range [][]string{t.Key, t.SortKey} {
		for _, n := range names {
			if t.ColumnIndex(n) < 0 {
				return nil, fmt.Errorf("table %s: key column %s is not among its columns", t.Name, n)
			}
		}
	}
	l.key, l.sort = t.KeyColumns(), t.SortColumns()
	l.sortOnly = len(l.sort)
	l.ordered = orderedColumns(l)
	if len(l.key) == 1 && l.types[l.key[0]].Kind == tables.Int64 {
		l.intKey = l.key[0]
	}
	return l, nil
}

// check returns an error when a change does not fit the table.
func (l *layout) check(c *Change) error {
	if c.Partition < 0 || c.Partition >= tables.MaxPartitions {
		return fmt.Errorf("partition %d is out of range", c.Partition)
	}
	if c.Values == nil {
		_, err := tables.DecodeKey(c.Key, l.table.KeyTypes())
		return err
	}
	if len(c.Values) != len(l.types) {
		return fmt.Errorf("row has %d values, the table %d columns", len(c.Values), len(l.types))
	}
	for i, v := range c.Values {
		if v.IsNull() {
			continue
		}
		if v.Kind() != l.types[i].Kind {
			return fmt.Errorf("column %s: value is of type %s, not %s", l.table.Columns[i].Name, v.Kind(), l.types[i])
		}
		if err := l.checkRange(i, v); err != nil {
			return err
		}
	}
	var buf [64]byte
	if string(l.appendKeyOf(buf[:0], c.Values)) != string(c.Key) {
		return fmt.Errorf("key differs from the row's key columns")
	}
	return nil
}

func (l *layout) checkRange(i int, v tables.Value) error {
	switch l.types[i].Kind {
	case tables.DecimalKind:
		if l.forms[i] == column.FormInt && v.Decimal() != tables.DecimalFromInt64(int64(v.Decimal().Lo)) {
			return fmt.Errorf("column %s: %w", l.table.Columns[i].Name, tables.ErrDecimalRange)
		}
	case tables.String, tables.JSON, tables.Bytes:
		if most := l.tuning.longest; len(v.Str()) > most {
			return fmt.Errorf("column %s: value has %d bytes, the most is %d", l.table.Columns[i].Name, len(v.Str()), most)
		}
	}
	return nil
}

func (l *layout) appendKeyOf(dst []byte, values []tables.Value) []byte {
	for _, c := range l.key {
		dst = tables.AppendKey(dst, values[c])
	}
	return dst
}

func hashKey(k tables.Key) uint64  { return xxhash.Sum64String(string(k)) }
func hashKeyBytes(k []byte) uint64 { return xxhash.Sum64(k) }
