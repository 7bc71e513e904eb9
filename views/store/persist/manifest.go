package persist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store/column"
)

// ErrCorrupt is returned for a batch file that is damaged, cut short or no batch file.
var ErrCorrupt = errors.New("batch file is damaged")

// ErrOtherTable is returned for a batch file of a table that was declared otherwise:
// with other columns, another key or another sort key.
var ErrOtherTable = errors.New("batch file is of a table that was declared otherwise")

const fileVersion = 1

// fileManifest is the JSON document that makes a batch file count.
type fileManifest struct {
	Version     int             `json:"version"`
	Table       string          `json:"table"`
	Fingerprint string          `json:"fingerprint"`
	Key         []string        `json:"key"`
	SortKey     []string        `json:"sort_key"`
	Batch       uint64          `json:"batch"`
	Changelog   []int64         `json:"changelog"`
	Source      tables.Position `json:"source"`
	Rows        int64           `json:"rows"`
	Checksum    string          `json:"checksum"`
	Changed     int64           `json:"changed"`
	Started     int64           `json:"started_us"`
	Finished    int64           `json:"finished_us"`
	Bytes       int64           `json:"bytes"`
	XXHash64    string          `json:"xxhash64"`
}

func hex64(x uint64) string { return fmt.Sprintf("%016x", x) }

func newFileManifest(t *tables.Table, c Cut) fileManifest {
	return fileManifest{
		Version: fileVersion, Table: t.Name, Fingerprint: fmt.Sprintf("%08x", wire.Fingerprint(t)),
		Key: t.Key, SortKey: append([]string{}, t.SortKey...),
		Batch: c.Batch, Changelog: c.Changelog, Source: c.Source, Rows: c.Rows, Checksum: hex64(c.Checksum),
		Changed: c.Changed, Started: c.Started, Finished: c.Finished,
	}
}

// cut returns what the manifest says of the batch.
func (m *fileManifest) cut() (Cut, error) {
	sum, err := strconv.ParseUint(m.Checksum, 16, 64)
	if err != nil || m.Rows < 0 || m.Rows > column.MaxRows {
		return Cut{}, ErrCorrupt
	}
	return Cut{
		Batch: m.Batch, Changelog: m.Changelog, Source: m.Source, Rows: m.Rows, Checksum: sum,
		Changed: m.Changed, Started: m.Started, Finished: m.Finished,
	}, nil
}

// fits returns ErrOtherTable when the batch is not of a table declared like t.
func (m *fileManifest) fits(t *tables.Table) error {
	if m.Table != t.Name || m.Fingerprint != fmt.Sprintf("%08x", wire.Fingerprint(t)) ||
		!slices.Equal(m.Key, t.Key) || !slices.Equal(m.SortKey, t.SortKey) {
		return ErrOtherTable
	}
	return nil
}

func readFileManifest(dir string, id uint64) (*fileManifest, error) {
	text, err := os.ReadFile(manifestPath(dir, id))
	if err != nil {
		return nil, err
	}
	var m fileManifest
	if err := json.Unmarshal(text, &m); err != nil || m.Version != fileVersion || m.Batch != id {
		return nil, fmt.Errorf("manifest: %w", ErrCorrupt)
	}
	return &m, nil
}

// verify compares a file's bytes with its manifest.
func (m *fileManifest) verify(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: the rows are missing", ErrCorrupt)
	}
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	sum := xxhash.New()
	n, err := io.CopyBuffer(sum, f, make([]byte, 1<<20))
	if err != nil {
		return err
	}
	if n != m.Bytes || hex64(sum.Sum64()) != m.XXHash64 {
		return fmt.Errorf("%w: %d bytes with hash %s, the manifest says %d with %s", ErrCorrupt, n, hex64(sum.Sum64()), m.Bytes, m.XXHash64)
	}
	return nil
}
