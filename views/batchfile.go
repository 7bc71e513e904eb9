package views

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
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/store/persist"
	"github.com/tidemark/tidemark/views/topics"
)

// claim makes the directory of batches that of the changelog's topic: the ids of
// batches begin again with a new one. What belongs to another is set aside as a whole.
func (f *files) claim(env topics.Set) error {
	dir := f.v.o.batchesDir()
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
		f.v.metrics.aside.WithLabelValues("batches").Inc()
		f.v.log.Warn("batches belong to another changelog and are set aside", "path", dir+asideSuffix)
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

// adopt makes the batches that are on disk known as held.
func (f *files) adopt(env topics.Set) error {
	if err := f.claim(env); err != nil {
		return err
	}
	found, err := persist.List(f.v.o.batchesDir())
	if err != nil {
		return err
	}
	for _, b := range found {
		if f.matches(b.Cut) {
			f.v.batches.Seal(b.Batch, b.Bytes)
		} else if err := f.setAside(b.Batch, errBatchDiffers); err != nil {
			return err
		}
	}
	return nil
}

// matches reports whether a batch on disk is the one of the manifests, where they
// are still there.
func (f *files) matches(c store.Cut) bool {
	b, ok := f.v.batches.Get(c.Batch)
	return !ok || b.Checksum == c.Checksum && b.Rows == c.Rows && same(b.Changelog, c.Changelog) && same(b.Cut, c.Source)
}

func same(a, b tables.Position) bool { return a.Reaches(b) && b.Reaches(a) }

func (f *files) setAside(id uint64, why error) error {
	f.v.metrics.aside.WithLabelValues("batch").Inc()
	f.v.log.Error("batch on disk cannot be used and is set aside", "batch", id, "error", why)
	f.v.batches.Unseal(id)
	return persist.SetAside(f.v.o.batchesDir(), id)
}

func (f *files) save(ctx context.Context, one filing) (string, error) {
	return store.WriteBatch(ctx, f.v.o.batchesDir(), one.sealed)
}

func (f *files) path(id uint64) string { return persist.Path(f.v.o.batchesDir(), id) }

// open reads a batch from disk. One that is damaged is set aside.
func (f *files) open(ctx context.Context, id uint64) (*store.Batch, error) {
	b, err := store.OpenBatch(ctx, f.v.o.batchesDir(), id, f.v.o.Table)
	if errors.Is(err, persist.ErrCorrupt) || errors.Is(err, persist.ErrOtherTable) {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrNoBatch, err), f.setAside(id, err))
	}
	return b, err
}

// usable returns the newest batch on disk that a session can go on from: young
// enough for all tombstones since to be there, and of the changelog as it is.
func (f *files) usable(ctx context.Context, env topics.Set, ends tables.Position) (*store.Batch, error) {
	found, err := persist.List(f.v.o.batchesDir())
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if f.v.o.Clock().UnixMicro()-one.Started > maxAge.Microseconds() {
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

// onDisk makes a session of the rows on disk and the newest usable batch file. It
// returns none when a batch is better read from Kafka.
//
// Rows on disk are written before those in memory are, but a power cut can take their end
// away. Where keys can be in several partitions it is by them that a record is told from the
// row of another partition: a batch that they have not come to is not gone on from.
func (v *View) onDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64, db *rows.DB, stored []rows.Position) (*session, error) {
	b, err := v.files.usable(ctx, env, ends)
	if err != nil {
		return nil, err
	}
	newest, any := v.batches.Newest()
	changelog, _ := ofRows(stored)
	switch {
	case b == nil && any && v.o.Clock().Sub(newest.Started) <= maxAge:
		return nil, nil
	case b == nil:
		return v.fromRows(ctx, env, number, db, stored, newest.ID)
	case v.severalHomes(env) && !changelog.Reaches(b.Changelog):
		v.log.Warn("rows on disk are older than the batch, which cannot be compared with them: the table goes on from the rows", "batch", b.Batch)
		return v.fromRows(ctx, env, number, db, stored, max(newest.ID, b.Batch))
	}
	s, err := v.newSession(env, number, db, origin{
		from: fromFile, batch: b.Batch, base: b.Changelog, source: b.Source, skip: b.Batch, stored: stored,
		taken: time.UnixMicro(b.Started),
	})
	if err != nil {
		return nil, err
	}
	if err := s.store.Load(b); err != nil {
		return nil, err
	}
	v.files.loaded(b)
	return s, nil
}
