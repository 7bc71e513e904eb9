package mvcc

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// Layout is what the store knows of a table's columns once and for all.
type Layout struct {
	column.Schema

	all  []int // places of all columns
	Key  []int // places of the key's columns
	Sort []int // places of the sort key's columns, then of those of the key that it lacks
	// SortOnly is how many of sort are the declared sort key.
	SortOnly int
	// intKey is the key's only column when it is an int64; else -1.
	intKey int
	// Ordered are the columns that the delta's chunks are ordered by.
	Ordered []int
	Tuning  Tuning
}

// Tuning are sizes that decide between two ways to the same answer.
type Tuning struct {
	SmallScan int // rows that are sooner read by one goroutine
	Morsel    int // rows that a goroutine takes at a time
	SetWords  int // most words of bits that one goroutine has for one count of distinct values
	FewTexts  int // distinct texts that are worth a dictionary in any table
	Sample    int // texts of an arena that are looked at to see whether a dictionary may pay
	Index     int // rows whose keys are sooner indexed by one goroutine
	Ordered   int // rows that are read in order before other cores help, in any order
	Jump      int // rows that are scanned in the time of one by index: a jump in memory
	Tail      int // entries of the delta that the writer waits for in a swap
	Rounds    int // how often a swap runs after the writer before it makes it wait
	Longest   int // bytes of one value: what a dictionary's offsets of 32 bits leave
}

// The usual sizes; the bits are 32 MiB.
func usualTuning() Tuning {
	return Tuning{
		SmallScan: 64 << 10, Morsel: 32 << 10, SetWords: 4 << 20, FewTexts: 4 << 10, Sample: 8 << 10, Index: 64 << 10,
		Ordered: 128 << 10, Jump: 128, Tail: 256, Rounds: 4, Longest: column.MaxDictionary,
	}
}

const manyTexts = 1 << 20

// DictionaryLimit returns how many distinct texts a column of so many rows may have
// and still be kept as codes.
func (t Tuning) DictionaryLimit(rows int) int { return min(max(rows/4, t.FewTexts), manyTexts) }

// NewLayout returns that of a table, or why a store cannot hold it.
func NewLayout(t *tables.Table) (*Layout, error) {
	l := &Layout{Schema: column.Schema{Table: t}, intKey: -1, Tuning: usualTuning()}
	for i, c := range t.Columns {
		if c.Type.Kind <= tables.Unavailable || c.Type.Kind > tables.Timestamp {
			return nil, fmt.Errorf("table %s: column %s has no type", t.Name, c.Name)
		}
		l.all = append(l.all, i)
		l.Types = append(l.Types, c.Type)
		l.Forms = append(l.Forms, column.FormOf(c.Type))
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
	l.Key, l.Sort = t.KeyColumns(), t.SortColumns()
	l.SortOnly = len(l.Sort)
	l.Ordered = orderedColumns(l)
	if len(l.Key) == 1 && l.Types[l.Key[0]].Kind == tables.Int64 {
		l.intKey = l.Key[0]
	}
	return l, nil
}

// Check returns an error when a change does not fit the table.
func (l *Layout) Check(c *Change) error {
	if c.Partition < 0 || c.Partition >= tables.MaxPartitions {
		return fmt.Errorf("partition %d is out of range", c.Partition)
	}
	if c.Values == nil {
		_, err := tables.DecodeKey(c.Key, l.Table.KeyTypes())
		return err
	}
	if len(c.Values) != len(l.Types) {
		return fmt.Errorf("row has %d values, the table %d columns", len(c.Values), len(l.Types))
	}
	for i, v := range c.Values {
		if v.IsNull() {
			continue
		}
		if v.Kind() != l.Types[i].Kind {
			return fmt.Errorf("column %s: value is of type %s, not %s", l.Table.Columns[i].Name, v.Kind(), l.Types[i])
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

func (l *Layout) checkRange(i int, v tables.Value) error {
	switch l.Types[i].Kind {
	case tables.DecimalKind:
		if l.Forms[i] == column.FormInt && v.Decimal() != tables.DecimalFromInt64(int64(v.Decimal().Lo)) {
			return fmt.Errorf("column %s: %w", l.Table.Columns[i].Name, tables.ErrDecimalRange)
		}
	case tables.String, tables.JSON, tables.Bytes:
		if most := l.Tuning.Longest; len(v.Str()) > most {
			return fmt.Errorf("column %s: value has %d bytes, the most is %d", l.Table.Columns[i].Name, len(v.Str()), most)
		}
	}
	return nil
}

func (l *Layout) appendKeyOf(dst []byte, values []tables.Value) []byte {
	for _, c := range l.Key {
		dst = tables.AppendKey(dst, values[c])
	}
	return dst
}

// orderedColumns returns the columns that chunks are ordered by.
func orderedColumns(l *Layout) []int {
	var out []int
	for i, col := range append([]int{l.Sort[0]}, allColumns(len(l.Forms))...) {
		if l.Forms[col] == column.FormInt && (i == 0 || col != l.Sort[0] && l.Table.Columns[col].Index) {
			out = append(out, col)
		}
	}
	return out
}

func allColumns(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
