package system

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/syndtr/goleveldb/leveldb/opt"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/localdb"
)

// openToOthers lists what others may read below a directory, and the directory itself.
func openToOthers(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			out = append(out, path+" "+info.Mode().String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDataIsKeptFromOtherUsers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	old := filepath.Join(dir, "orders", "old")
	if err := os.MkdirAll(filepath.Dir(old), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, []byte("rows of an earlier version"), 0o644); err != nil {
		t.Fatal(err)
	}
	release, err := lockRoles(dir, config.Roles{Processor: true, View: true})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	db, err := localdb.Open(filepath.Join(dir, "orders", "state"), &opt.Options{}, func(localdb.TornJournal) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Put([]byte("k"), []byte("v"), nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := openToOthers(t, dir); len(got) > 0 {
		t.Errorf("others may read %q", got)
	}
	if b, err := os.ReadFile(old); err != nil || len(b) == 0 {
		t.Error("what was there is not readable any more", err)
	}
}
