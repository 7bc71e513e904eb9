package batches

import (
	"context"
	"encoding/hex"
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
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/store/persist"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	identityName = "changelog" // in the directory: the id of the topic that the batches belong to
	asideSuffix  = "-set-aside"
	// unfinishedSuffix is of the former while it is written.
	unfinishedSuffix = ".tmp"
)

// ErrDiffers says that what is there of a batch is not what its manifests say.
var ErrDiffers = errors.New("rows differ from the batch's manifests")

// claim makes the directory of batches that of the changelog's topic: the ids of
// batches begin again with a new one. What belongs to another is set aside as a whole.
func (f *Files) claim(env topics.Set) error {
	dir := f.o.Dir
	mark, want := filepath.Join(dir, identityName), hex.EncodeToString(env.Changelog.ID[:])
	found, err := os.ReadFile(mark)
	if err == nil && strings.TrimSpace(string(found)) == want {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read whose batches are in %s: %w", dir, err)
	}
	if used, err := holdsFiles(dir); err != nil {
		return fmt.Errorf("read whose batches are in %s: %w", dir, err)
	} else if used {
		if err := os.RemoveAll(dir + asideSuffix); err != nil {
			return fmt.Errorf("remove older batches that were set aside: %w", err)
		}
		if err := os.Rename(dir, dir+asideSuffix); err != nil {
			return fmt.Errorf("set batches of another topic aside: %w", err)
		}
		f.o.Events.BatchesSetAside(events.BatchesSetAside{Path: dir + asideSuffix})
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of batches: %w", err)
	}
	if err := localdb.WriteText(mark, unfinishedSuffix, want+"\n"); err != nil {
		return fmt.Errorf("mark whose batches are in %s: %w", dir, err)
	}
	return nil
}

// holdsFiles reports whether there is anything in a directory but a mark that was not
// finished. One that is not there holds nothing.
func holdsFiles(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != identityName+unfinishedSuffix }), err
}

// Adopt makes the batches that are on disk known as held.
func (f *Files) Adopt(env topics.Set) error {
	if err := f.claim(env); err != nil {
		return err
	}
	found, err := persist.List(f.o.Dir)
	if err != nil {
		return err
	}
	for _, b := range found {
		if f.matches(b.Cut) {
			f.o.Manifests.Seal(b.Batch, b.Bytes)
		} else if err := f.setAside(b.Batch, ErrDiffers); err != nil {
			return err
		}
	}
	return nil
}

// matches reports whether a batch on disk is the one of the manifests, where they
// are still there.
func (f *Files) matches(c store.Cut) bool {
	b, ok := f.o.Manifests.Get(c.Batch)
	return !ok || b.Checksum == c.Checksum && b.Rows == c.Rows && same(b.Changelog, c.Changelog) && same(b.Cut, c.Source)
}

func same(a, b tables.Position) bool { return a.Reaches(b) && b.Reaches(a) }

func (f *Files) setAside(id uint64, why error) error {
	f.o.Events.BatchSetAside(events.BatchSetAside{Batch: id, Err: why})
	f.o.Manifests.Unseal(id)
	return persist.SetAside(f.o.Dir, id)
}

func (f *Files) save(ctx context.Context, one Filing) (string, error) {
	return store.WriteBatch(ctx, f.o.Dir, one.Rows)
}

// Path is where the file of a batch is, or will be.
func (f *Files) Path(id uint64) string { return persist.Path(f.o.Dir, id) }

// open reads a batch from disk. One that is damaged is set aside.
func (f *Files) open(ctx context.Context, id uint64) (*store.Batch, error) {
	b, err := store.OpenBatch(ctx, f.o.Dir, id, f.o.Table)
	if errors.Is(err, persist.ErrCorrupt) || errors.Is(err, persist.ErrOtherTable) {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrNoBatch, err), f.setAside(id, err))
	}
	return b, err
}

// Usable returns the newest batch on disk that a session can continue from: young
// enough for all tombstones since to be there, and of the changelog as it is.
func (f *Files) Usable(ctx context.Context, env topics.Set, ends tables.Position, maxAge time.Duration) (*store.Batch, error) {
	found, err := persist.List(f.o.Dir)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if f.o.Clock().UnixMicro()-one.Started > maxAge.Microseconds() {
			return nil, nil // and so are all before it
		}
		if len(one.Changelog) != int(env.Changelog.Partitions) || !ends.Reaches(one.Changelog) {
			if err := f.setAside(one.Batch, topics.ErrShrunk); err != nil {
				return nil, err
			}
			continue
		}
		b, err := f.open(ctx, one.Batch)
		if errors.Is(err, ErrNoBatch) {
			continue
		}
		return b, err
	}
	return nil, nil
}
