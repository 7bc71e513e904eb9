package localdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	lerrors "github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/util"
)

const (
	testKeys   = 100
	testWrites = 800
)

func quiet(TornJournal) {}

func settings() *opt.Options {
	return &opt.Options{WriteBuffer: 160 << 10, CompactionTableSize: 64 << 10, BlockSize: 4 << 10}
}

func testKey(n int) []byte { return fmt.Appendf(nil, "key %06d", n%testKeys) }

func testValue(n int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, 100+r.IntN(900))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// fill writes rows together with the number of the write, and leaves the files as a
// process that is killed does: copied while the database is open.
func fill(t *testing.T, from, to int, dir string) {
	t.Helper()
	db, err := Open(dir, settings(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	b := new(leveldb.Batch)
	for n := from; n < to; n++ {
		if n == to-100 { // what follows fits into a journal: nothing moves while it is copied
			if err := db.CompactRange(util.Range{}); err != nil {
				t.Fatal(err)
			}
		}
		b.Reset()
		b.Put(testKey(n), testValue(n))
		b.Put([]byte("position"), binary.BigEndian.AppendUint64(nil, uint64(n)))
		if n%7 == 0 {
			b.Delete(testKey(n + 3))
		}
		if err := db.Write(b, nil); err != nil {
			t.Fatal(err)
		}
	}
	copied := copyOpen(t, dir)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copied, dir); err != nil {
		t.Fatal(err)
	}
}

// copyOpen copies an open database in which nothing is written. Tables that a compaction has
// made obsolete are removed in their own time: a copy that misses one is made again.
func copyOpen(t *testing.T, dir string) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		to := filepath.Join(t.TempDir(), "db")
		err := os.CopyFS(to, os.DirFS(dir))
		if err == nil {
			return to
		}
		if !errors.Is(err, fs.ErrNotExist) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// read opens a database and says what is wrong with it: nothing but what was there after
// some write may be. It returns that write, -1 for an empty database.
func read(t *testing.T, dir string) (at int, damaged bool) {
	t.Helper()
	db, err := Open(dir, settings(), quiet)
	if err != nil {
		if !IsDamaged(err) {
			t.Fatalf("open: %v, want an error that says damaged", err)
		}
		return 0, true
	}
	defer db.Close()
	got := map[string][]byte{}
	it := db.NewIterator(nil, nil)
	defer it.Release()
	for it.Next() {
		got[string(it.Key())] = append([]byte(nil), it.Value()...)
	}
	if err := it.Error(); err != nil {
		if !IsDamaged(err) {
			t.Fatalf("scan: %v, want an error that says damaged", err)
		}
		return 0, true
	}
	if len(got) == 0 {
		return -1, false
	}
	at = int(binary.BigEndian.Uint64(got["position"]))
	delete(got, "position")
	want := map[string][]byte{}
	for n := range at + 1 {
		want[string(testKey(n))] = testValue(n)
		if n%7 == 0 {
			delete(want, string(testKey(n+3)))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows at write %d, want %d", len(got), at, len(want))
	}
	for k, v := range want {
		if !bytes.Equal(got[k], v) {
			t.Fatalf("row %q is not that of write %d", k, at)
		}
	}
	return at, false
}

// damages are what happens to a file at a place.
var damages = map[string]func(b []byte, at int) []byte{
	"flip":    func(b []byte, at int) []byte { b[at] ^= 0x10; return b },
	"zero":    func(b []byte, at int) []byte { clear(b[at:min(len(b), at+4096)]); return b },
	"cut":     func(b []byte, at int) []byte { return b[:at] },
	"garble":  func(b []byte, at int) []byte { copy(b[at:min(len(b), at+512)], testValue(at)); return b },
	"repeat":  func(b []byte, at int) []byte { copy(b[at:min(len(b), at+4096)], b); return b },
	"zeroEnd": func(b []byte, at int) []byte { clear(b[at:]); return b },
}

func TestADamagedDatabaseIsRefusedOrAsItOnceWas(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "db")
	fill(t, 0, testWrites*2/3, whole)
	fill(t, testWrites*2/3, testWrites, whole) // opened once more: journals became tables
	if at, damaged := read(t, whole+mirror(t, whole)); damaged || at != testWrites-1 {
		t.Fatalf("the whole database: write %d, damaged %v", at, damaged)
	}
	files, err := filepath.Glob(filepath.Join(whole, "*"))
	if err != nil {
		t.Fatal(err)
	}
	step := 16 << 10
	if testing.Short() {
		step = 64 << 10
	}
	trials, refused, earlier := 0, 0, 0
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "LO") {
			continue // LOG is for people, LOCK is empty
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for kind, damage := range damages {
			for at := 0; at < len(b); at += step {
				place := at + min(len(b)-1-at, 5)
				dir := whole + mirror(t, whole)
				if err := os.WriteFile(filepath.Join(dir, name), damage(bytes.Clone(b), place), 0o640); err != nil {
					t.Fatal(err)
				}
				t.Run(fmt.Sprintf("%s/%s/%d", name, kind, place), func(t *testing.T) {
					got, damaged := read(t, dir)
					trials++
					switch {
					case damaged:
						refused++
					case got != testWrites-1:
						earlier++
						if !strings.HasSuffix(name, ".log") {
							t.Errorf("write %d of %d without a word", got, testWrites)
						}
					}
				})
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("%d damages: %d refused, %d as the database was before", trials, refused, earlier)
	if refused == 0 || earlier == 0 {
		t.Error("both must happen")
	}
}

// mirror copies a database beside itself and returns what its name has more.
func mirror(t *testing.T, dir string) string {
	t.Helper()
	if err := os.RemoveAll(dir + ".mirror"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir+".mirror", os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return ".mirror"
}

// TestAFileThatIsMissingIsNoticed takes each journal and each table away.
func TestAFileThatIsMissingIsNoticed(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "db")
	fill(t, 0, testWrites, whole)
	current, err := os.ReadFile(filepath.Join(whole, "CURRENT"))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSpace(string(current))
	m, err := readManifest(filepath.Join(whole, name))
	if err != nil || len(m.tables) == 0 {
		t.Fatal(m, err)
	}
	names := []string{name, "CURRENT", fmt.Sprintf("%06d.log", m.journal)}
	for number := range m.tables {
		names = append(names, fmt.Sprintf("%06d.ldb", number))
	}
	for _, name := range names {
		dir := whole + mirror(t, whole)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, damaged := read(t, dir); !damaged {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestDamageIsSeenThroughWhatWrapsIt(t *testing.T) {
	for _, err := range []error{ErrDamaged, &lerrors.ErrCorrupted{Err: io.EOF}, &storage.ErrCorrupted{Err: io.EOF}} {
		if !IsDamaged(fmt.Errorf("read the identity: %w", err)) {
			t.Errorf("%T is not seen", err)
		}
	}
	if IsDamaged(io.EOF) {
		t.Error("any error is damage")
	}
}

// TestAHoleBetweenJournalsIsNoticed is of writes that are missing where no chunk is
// damaged: the older of two journals ends too early, or the manifest does.
func TestAHoleBetweenJournalsIsNoticed(t *testing.T) {
	m := &manifest{journal: 1, tables: map[int64]int64{}, sequence: 10}
	for name, c := range map[string]struct {
		firsts []uint64
		want   bool
	}{
		"follow":  {[]uint64{11, 12, 13}, true},
		"hole":    {[]uint64{11, 13}, false},
		"no head": {[]uint64{12}, false},
		"again":   {[]uint64{11, 11}, false},
	} {
		next, err := m.sequence+1, error(nil)
		for _, first := range c.firsts {
			record := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, first), 1)
			if e := follow(&next, record); e != nil {
				err = e
			}
		}
		if (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
