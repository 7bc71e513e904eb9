package localdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// manifest is what LevelDB's manifest says of the other files.
type manifest struct {
	journal, before int64  // journals from this number on count, and this one
	sequence        uint64 // of the last write that is in the tables
	tables          map[int64]int64
}

// The fields of a manifest's records, as LevelDB writes them.
const (
	fieldComparer = 1
	fieldJournal  = 2
	fieldNextFile = 3
	fieldSequence = 4
	fieldPointer  = 5
	fieldDropped  = 6
	fieldAdded    = 7
	fieldBefore   = 9
)

func readManifest(path string) (*manifest, error) {
	m := &manifest{tables: map[int64]int64{}}
	whole, err := readLog(path, m.take)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", filepath.Base(path), err)
	}
	if whole != nil {
		return nil, fmt.Errorf("manifest %s: its end is not whole: %w", filepath.Base(path), ErrDamaged)
	}
	return m, nil
}

// take takes one record of the manifest in.
func (m *manifest) take(record []byte) error {
	r := recordReader{Reader: bytes.NewReader(record)}
	for r.Len() > 0 && r.failed == nil {
		switch field := r.number(); field {
		case fieldComparer:
			r.skip()
		case fieldJournal:
			m.journal = r.number()
		case fieldNextFile:
			r.number()
		case fieldSequence:
			m.sequence = uint64(r.number())
		case fieldPointer:
			r.number()
			r.skip()
		case fieldDropped:
			r.number()
			delete(m.tables, r.number())
		case fieldAdded:
			r.number()
			table := r.number()
			m.tables[table] = r.number()
			r.skip()
			r.skip()
		case fieldBefore:
			m.before = r.number()
		default:
			r.failed = fmt.Errorf("field %d is not known", field)
		}
	}
	if r.failed != nil {
		return fmt.Errorf("%w: %w", r.failed, ErrDamaged)
	}
	return nil
}

// recordReader reads the fields of a record until one fails.
type recordReader struct {
	*bytes.Reader
	failed error
}

func (r *recordReader) number() int64 {
	v, err := binary.ReadUvarint(r)
	r.failed = errors.Join(r.failed, err)
	return int64(v)
}

// skip passes over bytes that begin with their length.
func (r *recordReader) skip() {
	if n := r.number(); r.failed == nil && (n < 0 || n > int64(r.Len())) {
		r.failed = errors.New("a field is cut short")
	} else if r.failed == nil {
		_, r.failed = r.Seek(n, io.SeekCurrent)
	}
}

// checkTables looks whether every table is there in its length. What is in them is
// checked by LevelDB, block by block, when it is read.
func (m *manifest) checkTables(dir string) error {
	for number, size := range m.tables {
		name := fmt.Sprintf("%06d.ldb", number)
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("table %s is missing: %w", name, ErrDamaged)
		}
		if err != nil {
			return err
		}
		if info.Size() != size {
			return fmt.Errorf("table %s has %d bytes, had %d: %w", name, info.Size(), size, ErrDamaged)
		}
	}
	return nil
}

// checkJournals reads the journals that count. Their writes must follow each other.
func (m *manifest) checkJournals(dir string, files storage.Storage) (*tornEnd, error) {
	found, err := files.List(storage.TypeJournal)
	if err != nil {
		return nil, err
	}
	var journals []int64
	for _, f := range found {
		if f.Num >= m.journal || f.Num == m.before {
			journals = append(journals, f.Num)
		}
	}
	if !slices.Contains(journals, m.journal) {
		return nil, fmt.Errorf("journal %06d.log is missing: %w", m.journal, ErrDamaged)
	}
	slices.Sort(journals)
	next := m.sequence + 1
	var torn *tornEnd
	for _, number := range journals {
		path := filepath.Join(dir, fmt.Sprintf("%06d.log", number))
		end, err := readLog(path, func(record []byte) error {
			if torn != nil {
				return fmt.Errorf("a write follows behind the torn end of another journal: %w", ErrDamaged)
			}
			return follow(&next, record)
		})
		if err != nil {
			return nil, fmt.Errorf("journal %s: %w", filepath.Base(path), err)
		}
		if torn == nil {
			torn = end
		}
	}
	return torn, nil
}

// writeHead is what is before the rows of a write: its first sequence number, u64,
// and how many there are, u32, little endian.
const writeHead = 12

// follow looks whether a write is the next one.
func follow(next *uint64, record []byte) error {
	if len(record) < writeHead {
		return fmt.Errorf("a write of %d bytes: %w", len(record), ErrDamaged)
	}
	first := binary.LittleEndian.Uint64(record)
	if first != *next {
		return fmt.Errorf("write %d follows where %d is due: %w", first, *next, ErrDamaged)
	}
	*next = first + uint64(binary.LittleEndian.Uint32(record[8:]))
	return nil
}
