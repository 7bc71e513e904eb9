package damage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// step is the distance of the places that are damaged.
const step = 4 << 10

// kinds are what happens to a file at a place.
var kinds = []struct {
	name string
	do   func(b []byte, at int, d *rand.Rand) []byte
}{
	{"flip", func(b []byte, at int, d *rand.Rand) []byte { b[at] ^= 1 << d.IntN(8); return b }},
	{"zero", func(b []byte, at int, _ *rand.Rand) []byte { clear(b[at:min(len(b), at+step)]); return b }},
	{"zero to the end", func(b []byte, at int, _ *rand.Rand) []byte { clear(b[at:]); return b }},
	{"cut", func(b []byte, at int, _ *rand.Rand) []byte { return b[:at] }},
	{"garble", func(b []byte, at int, d *rand.Rand) []byte {
		for i := at; i < min(len(b), at+step); i++ {
			b[i] = byte(d.Uint32())
		}
		return b
	}},
	{"repeat", func(b []byte, at int, _ *rand.Rand) []byte { copy(b[at:min(len(b), at+step)], b); return b }},
	{"leave out", func(b []byte, at int, _ *rand.Rand) []byte { return append(b[:at], b[min(len(b), at+step):]...) }},
}

// filesOf lists what may be damaged below a directory. LOG is for people, LOCK is empty.
func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "LO") || strings.Contains(path, "aside") {
			return err
		}
		out = append(out, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// injure damages one file below a directory, the journals as often as all others together,
// and says how. Nothing is said where there is nothing to damage.
func injure(t *testing.T, dir string, d *rand.Rand) string {
	t.Helper()
	var journals, others []string
	for _, f := range filesOf(t, dir) {
		if info, err := os.Stat(f); err != nil || info.Size() == 0 {
			continue
		}
		if strings.HasSuffix(f, ".log") {
			journals = append(journals, f)
		} else {
			others = append(others, f)
		}
	}
	from := journals
	if len(journals) == 0 || len(others) > 0 && d.IntN(2) == 0 {
		from = others
	}
	if len(from) == 0 {
		return ""
	}
	path := from[d.IntN(len(from))]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := d.IntN((len(b)+step-1)/step) * step
	at = min(at+d.IntN(step), len(b)-1)
	kind := kinds[d.IntN(len(kinds))]
	if d.IntN(20) == 0 {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s: removed", path)
	}
	said := fmt.Sprintf("%s of %d bytes: %s at %d", path, len(b), kind.name, at)
	if err := os.WriteFile(path, kind.do(b, at, d), 0o640); err != nil {
		t.Fatal(err)
	}
	return said
}
