package rows

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/syndtr/goleveldb/leveldb/journal"
)

// checkJournals looks for damage in the journals of a LevelDB before it is opened.
// LevelDB leaves out what it cannot read there and goes on behind it: at the end
// of the last journal, where a crash tears a write, that is right, since what is left
// is how the rows once were. Anywhere else rows would be missing whose positions
// are there.
func checkJournals(dir string) error {
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return err
	}
	slices.Sort(logs) // their numbers have leading zeros
	dropped := false
	for _, path := range logs {
		if err := checkJournal(path, &dropped); err != nil {
			return fmt.Errorf("journal %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

// drops notes that something in a journal cannot be read.
type drops struct{ any *bool }

// Drop implements journal.Dropper.
func (d drops) Drop(error) { *d.any = true }

func checkJournal(path string, dropped *bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	records := journal.NewReader(f, drops{dropped}, false, true)
	for {
		before := *dropped
		r, err := records.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			*dropped = true // this record is not whole
		case err != nil:
			return err
		case before || *dropped:
			return fmt.Errorf("something is missing before what can be read: %w", ErrCorrupt)
		}
	}
}
