package localdb

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// WriteWhole writes a file so that all of it is there, after a crash too, or none: under its
// name with the suffix first, which a crash may leave behind. Only its owner may read it.
func WriteWhole(path, suffix string, write func(io.Writer) error) error {
	partial := path + suffix
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	if err := os.Rename(partial, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// WriteText is WriteWhole for a text.
func WriteText(path, suffix, text string) error {
	return WriteWhole(path, suffix, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// SyncDir makes what was made, renamed and removed in a directory last.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
