package persist

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/tables"
)

// File is a batch on disk, as its manifest has it.
type File struct {
	Cut
	Path  string
	Bytes int64
}

// List returns the complete batches in dir, newest first. Manifests that cannot
// be read do not count. A directory that is not there holds none.
func List(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	var out []File
	for _, e := range entries {
		id, ok := batchOf(e.Name(), manifestSuffix)
		if !ok {
			continue
		}
		m, err := readFileManifest(dir, id)
		if err != nil {
			continue
		}
		if c, err := m.cut(); err == nil {
			out = append(out, File{Cut: c, Path: Path(dir, id), Bytes: m.Bytes})
		}
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(b.Batch, a.Batch) })
	return out, nil
}

// Remove removes a batch's files: the manifest first, so that at no time half a
// batch counts. One that is not there is no error.
func Remove(dir string, id uint64) error {
	for _, path := range []string{manifestPath(dir, id), Path(dir, id)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove batch %d: %w", id, err)
		}
	}
	return nil
}

// SetAside renames the files of a batch that cannot be used, so that it does
// not count any more and can be looked at.
func SetAside(dir string, id uint64) error {
	for _, path := range []string{manifestPath(dir, id), Path(dir, id)} {
		err := os.Rename(path, filepath.Join(dir, asidePrefix+filepath.Base(path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set batch %d aside: %w", id, err)
		}
	}
	return localdb.SyncDir(dir)
}

// Prune removes the batches that the policy does not keep, and returns their ids; the
// newest is never removed. It also removes what older interrupted writes have left.
func Prune(dir string, policy tables.BatchPolicy, now time.Time) ([]uint64, error) {
	all, err := List(dir)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var removed []uint64
	for i, b := range all {
		if policy.Keeps(i, now.Sub(time.UnixMicro(b.Started))) {
			continue
		}
		if err := Remove(dir, b.Batch); err != nil {
			return removed, err
		}
		removed = append(removed, b.Batch)
	}
	return removed, removeLeftovers(dir, all[0].Batch)
}

// removeLeftovers removes rows without a manifest and partial files of batches older
// than the newest complete one, which nobody can be writing. Rows whose manifest cannot be
// read, such as one of a later version, are left to whoever can.
func removeLeftovers(dir string, newest uint64) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list batches: %w", err)
	}
	manifests := map[uint64]bool{}
	for _, e := range entries {
		if id, ok := batchOf(e.Name(), manifestSuffix); ok {
			manifests[id] = true
		}
	}
	for _, e := range entries {
		name, partial := strings.CutSuffix(e.Name(), partialSuffix)
		id, ok := batchOf(name, rowsSuffix)
		if !ok && partial {
			id, ok = batchOf(name, manifestSuffix)
		}
		if !ok || id >= newest || !partial && manifests[id] {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", e.Name(), err)
		}
	}
	return nil
}
