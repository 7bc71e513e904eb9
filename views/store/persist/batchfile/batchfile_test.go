package batchfile

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/tables"
)

func columns(t *testing.T) []Column {
	t.Helper()
	var out []Column
	for i, k := range []string{
		"int64", "string", "decimal(12,2)", "decimal(30,4)", "float64", "bool", "timestamp", "date", "time", "uuid", "bytes", "json",
	} {
		typ, err := tables.ParseType(k)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Column{Name: fmt.Sprintf("c%d", i), Type: typ, Dictionary: i%3 == 1})
	}
	return out
}

// fill puts a value into every row but each seventh.
func fill(c Column, from, rows int, b *Block) {
	b.Rows = rows
	for row := from; row < from+rows; row++ {
		if row%7 == 3 {
			b.Present = append(b.Present, 0)
			continue
		}
		b.Present = append(b.Present, 1)
		switch c.Type.Kind {
		case tables.Bool:
			b.Bools = append(b.Bools, row%2 == 0)
		case tables.Float64:
			b.Floats = append(b.Floats, float64(row)/2)
		case tables.String, tables.Bytes, tables.JSON:
			b.Texts = append(b.Texts, fmt.Appendf(nil, `"%d"`, row%1000))
		case tables.UUID:
			b.Wides = append(b.Wides, [16]byte{byte(row), 15: byte(row >> 8)})
		case tables.DecimalKind:
			if c.Type.Precision > narrowDigits {
				b.Wides = append(b.Wides, [16]byte{0: 0xff, 15: byte(row)})
				continue
			}
			b.Ints = append(b.Ints, int64(-row))
		default:
			b.Ints = append(b.Ints, int64(row))
		}
	}
}

func write(t *testing.T, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, columns(t), []int{0})
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < rows; from += GroupRows {
		err := w.Group(func(col int, b *Block) { fill(columns(t)[col], from, min(GroupRows, rows-from), b) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(map[string]string{"note": "ours"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, text []byte) (*Reader, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "1.parquet")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return Open(path, columns(t))
}

func TestEveryTypeComesBack(t *testing.T) {
	const rows = GroupRows + 5000
	r, err := open(t, write(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Rows() != rows || r.Metadata("note") != "ours" || r.Metadata("other") != "" {
		t.Fatalf("%d rows, note %q", r.Rows(), r.Metadata("note"))
	}
	for i, c := range columns(t) {
		at := 0
		err := r.Column(i, func(b *Block) error {
			var want Block
			fill(c, at, b.Rows, &want)
			if !same(want, *b) {
				return fmt.Errorf("rows from %d differ", at)
			}
			at += b.Rows
			return nil
		})
		if err != nil || at != rows {
			t.Errorf("column %s: %d rows, %v", c.Type, at, err)
		}
	}
}

func same(a, b Block) bool {
	return slices.Equal(a.Present, b.Present) && slices.Equal(a.Ints, b.Ints) && slices.Equal(a.Bools, b.Bools) &&
		slices.Equal(a.Floats, b.Floats) && slices.Equal(a.Wides, b.Wides) && slices.EqualFunc(a.Texts, b.Texts, bytes.Equal)
}

func TestADateTooFarIsRefused(t *testing.T) {
	w, err := NewWriter(&bytes.Buffer{}, []Column{{Name: "day", Type: tables.Type{Kind: tables.Date}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = w.Group(func(_ int, b *Block) {
		b.Rows, b.Present, b.Ints = 1, append(b.Present, 1), append(b.Ints, math.MaxInt32+1)
	})
	if err == nil {
		t.Fatal("a date outside 32 bits was written")
	}
}

func TestOtherColumnsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "1.parquet")
	if err := os.WriteFile(path, write(t, 10), 0o644); err != nil {
		t.Fatal(err)
	}
	other := columns(t)
	other[2].Type.Scale = 3
	for name, declared := range map[string][]Column{"fewer": other[:5], "another type": other} {
		if _, err := Open(path, declared); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestDamageIsNoPanic flips the bits of one byte after the other, all over a file.
func TestDamageIsNoPanic(t *testing.T) {
	good := write(t, 50)
	for at := 0; at < len(good); at += 11 {
		bad := bytes.Clone(good)
		bad[at] ^= 0xff
		r, err := open(t, bad)
		if err != nil {
			continue
		}
		for i := range columns(t) {
			// Damage that still decodes is for the file's hash to find.
			_ = r.Column(i, func(*Block) error { return nil })
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
