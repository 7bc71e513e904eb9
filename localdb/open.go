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
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := prove(dir, torn); err != nil {
		return nil, err
	}
	o.Strict = opt.StrictAll
	return leveldb.OpenFile(dir, o)
}

// prove reads what LevelDB goes by when it opens a database.
func prove(dir string, torn func(TornJournal)) error {
	files, err := storage.OpenFile(dir, false) // nobody else writes meanwhile
	if err != nil {
		return err
	}
	cut, err := check(dir, files)
	if err == nil && cut != nil {
		torn(TornJournal{Journal: filepath.Base(cut.path), At: cut.size, Bytes: cut.lost})
		err = cut.do()
	}
	return errors.Join(err, files.Close())
}

// check compares the files with the manifest. It returns the end of a journal that is to be cut off.
func check(dir string, files storage.Storage) (*tornEnd, error) {
	meta, err := files.GetMeta()
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // a new one, or LevelDB says that it is none
	}
	if err != nil {
		return nil, err
	}
	m, err := readManifest(filepath.Join(dir, meta.String()))
	if err != nil {
		return nil, err
	}
	if err := m.checkTables(dir); err != nil {
		return nil, err
	}
	return m.checkJournals(dir, files)
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
