package localdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/syndtr/goleveldb/leveldb"
	lerrors "github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// ErrDamaged says that the files of a database are not what was written to them.
var ErrDamaged = errors.New("the database on disk is damaged")

// IsDamaged reports whether an error, of this package or of LevelDB, says that files are damaged.
func IsDamaged(err error) bool {
	var (
		record *lerrors.ErrCorrupted // LevelDB's own IsCorrupted does not look into what wraps it
		file   *storage.ErrCorrupted
	)
	return errors.Is(err, ErrDamaged) || errors.As(err, &record) || errors.As(err, &file)
}

// TornJournal is the end of a journal that a crash interrupted, and that is cut off.
type TornJournal struct {
	Journal   string
	At, Bytes int64
}

// Open opens the database in a directory, or makes an empty one. The options' Strict is
// set: whatever is read is checked. torn is called before the end of a journal is cut off.
func Open(dir string, o *opt.Options, torn func(TornJournal)) (*leveldb.DB, error) {
	return (*Shared)(nil).Open(dir, o, torn)
}

// prove reads what LevelDB goes by when it opens a database, and returns the bytes of its tables.
func prove(f *files, torn func(TornJournal)) (bytes int64, err error) {
	cut, bytes, err := check(f)
	if err == nil && cut != nil {
		torn(TornJournal{Journal: filepath.Base(cut.path), At: cut.size, Bytes: cut.lost})
		err = cut.do()
	}
	return bytes, err
}

// check compares the files with the manifest. It returns the end of a journal that is to be cut off.
func check(f *files) (cut *tornEnd, bytes int64, err error) {
	meta, err := f.GetMeta()
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, nil // a new one, or LevelDB says that it is none
	}
	if err != nil {
		return nil, 0, err
	}
	m, err := readManifest(filepath.Join(f.dir, nameOf(meta)))
	if err != nil {
		return nil, 0, err
	}
	if err := m.checkTables(f.dir); err != nil {
		return nil, 0, err
	}
	for _, size := range m.tables {
		bytes += size
	}
	cut, err = m.checkJournals(f.dir, f)
	return cut, bytes, err
}

// tornEnd is the end of a journal that was not written as a whole.
type tornEnd struct {
	path string
	size int64 // up to here it is whole
	lost int64
}

func (t *tornEnd) do() error {
	if err := os.Truncate(t.path, t.size); err != nil {
		return fmt.Errorf("cut off the torn end of a journal: %w", err)
	}
	return nil
}
