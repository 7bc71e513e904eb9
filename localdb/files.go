package localdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// files is a directory as LevelDB's storage. It has the names and contents of LevelDB's own,
// and holds no descriptor while nothing is done: that one keeps four of each database
// open, of its lock, its own log, its manifest and its journal. There is no log, since nobody reads
// it. The lock holds within the process, whose data directory is locked as a whole.
type files struct {
	dir     string
	writers *writers
	unlock  sync.Once
}

var _ storage.Storage = (*files)(nil)

var (
	openMu   sync.Mutex
	openDirs = map[string]bool{} // that have a storage
)

// openFiles returns the storage of a directory, which nobody else has until it is unlocked.
func openFiles(dir string, w *writers) (*files, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	openMu.Lock()
	defer openMu.Unlock()
	if openDirs[dir] {
		return nil, fmt.Errorf("%s: %w", dir, storage.ErrLocked)
	}
	openDirs[dir] = true
	return &files{dir: dir, writers: w}, nil
}

// Lock returns what openFiles has locked: LevelDB unlocks it when it closes.
func (f *files) Lock() (storage.Locker, error) { return f, nil }

// Unlock lets others open the directory.
func (f *files) Unlock() {
	f.unlock.Do(func() {
		openMu.Lock()
		defer openMu.Unlock()
		delete(openDirs, f.dir)
	})
}

// Close is there for the interface.
func (f *files) Close() error { return nil }

// Log drops what LevelDB says of its merges.
func (f *files) Log(string) {}

const (
	current       = "CURRENT"
	temporary     = ".tmp"
	manifestStart = "MANIFEST-"
)

// SetMeta makes a manifest the one that counts.
func (f *files) SetMeta(fd storage.FileDesc) error {
	return WriteText(filepath.Join(f.dir, current), temporary, nameOf(fd)+"\n")
}

// GetMeta returns the manifest that counts; os.ErrNotExist when there is none.
func (f *files) GetMeta() (fd storage.FileDesc, err error) {
	text, err := os.ReadFile(filepath.Join(f.dir, current))
	if errors.Is(err, os.ErrNotExist) {
		return fd, os.ErrNotExist // as it is: LevelDB compares
	}
	if err != nil {
		return fd, err
	}
	name, whole := strings.CutSuffix(string(text), "\n")
	fd, ok := parseName(name)
	if !whole || !ok || fd.Type != storage.TypeManifest {
		return fd, &storage.ErrCorrupted{Err: fmt.Errorf("%s names no manifest: %q", current, text)}
	}
	if _, err := os.Stat(filepath.Join(f.dir, name)); errors.Is(err, os.ErrNotExist) {
		return storage.FileDesc{}, os.ErrNotExist
	} else if err != nil {
		return fd, err
	}
	return fd, nil
}

// List returns the files of some types.
func (f *files) List(types storage.FileType) (found []storage.FileDesc, err error) {
	entries, err := os.ReadDir(f.dir)
	for _, e := range entries {
		if fd, ok := parseName(e.Name()); ok && fd.Type&types != 0 {
			found = append(found, fd)
		}
	}
	return found, err
}

// Open opens a file to read it.
func (f *files) Open(fd storage.FileDesc) (storage.Reader, error) {
	if !storage.FileDescOk(fd) {
		return nil, storage.ErrInvalidFile
	}
	return os.Open(f.path(fd))
}

// Create makes a file. A journal and a manifest are written for as long as the database is open, now and then.
func (f *files) Create(fd storage.FileDesc) (storage.Writer, error) {
	if !storage.FileDescOk(fd) {
		return nil, storage.ErrInvalidFile
	}
	if fd.Type == storage.TypeJournal || fd.Type == storage.TypeManifest {
		return f.writers.create(f.path(fd), fd.Type == storage.TypeManifest)
	}
	return os.OpenFile(f.path(fd), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
}

// Remove removes a file.
func (f *files) Remove(fd storage.FileDesc) error {
	if !storage.FileDescOk(fd) {
		return storage.ErrInvalidFile
	}
	return os.Remove(f.path(fd))
}

// Rename renames a file.
func (f *files) Rename(from, to storage.FileDesc) error {
	if !storage.FileDescOk(from) || !storage.FileDescOk(to) {
		return storage.ErrInvalidFile
	}
	return os.Rename(f.path(from), f.path(to))
}

func (f *files) path(fd storage.FileDesc) string { return filepath.Join(f.dir, nameOf(fd)) }

// endings are the names of files behind their numbers.
var endings = map[storage.FileType]string{storage.TypeJournal: ".log", storage.TypeTable: ".ldb", storage.TypeTemp: temporary}

func nameOf(fd storage.FileDesc) string {
	if fd.Type == storage.TypeManifest {
		return fmt.Sprintf("%s%06d", manifestStart, fd.Num)
	}
	return fmt.Sprintf("%06d%s", fd.Num, endings[fd.Type])
}

func parseName(name string) (fd storage.FileDesc, ok bool) {
	number, isManifest := strings.CutPrefix(name, manifestStart)
	if isManifest {
		fd.Type = storage.TypeManifest
	}
	for kind, ending := range endings {
		if n, is := strings.CutSuffix(name, ending); is && !isManifest {
			number, fd.Type = n, kind
		}
	}
	n, err := strconv.ParseUint(number, 10, 63)
	fd.Num = int64(n)
	return fd, err == nil && fd.Type != 0
}
