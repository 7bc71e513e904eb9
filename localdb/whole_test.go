package localdb_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidemark/tidemark/localdb"
)

func TestAFileIsWrittenAsAWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := localdb.WriteText(path, ".tmp", "first"); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("bad")
	err := localdb.WriteWhole(path, ".tmp", func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, bad)
	})
	if !errors.Is(err, bad) {
		t.Errorf("the error is %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "first" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	if err := localdb.WriteText(filepath.Join(path, "below"), ".tmp", ""); err == nil {
		t.Error("a file is written below a file")
	}
}
