package system

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// keepPrivate makes a directory of the process's data, and keeps it from other users:
// rows are in it. The process's file mode mask sees to what is written from now on, by
// LevelDB, DuckDB and whoever else makes files; what an earlier version has left is
// tightened here. What belongs to another user, such as a volume's root, stays as it is.
func keepPrivate(dir string) error {
	syscall.Umask(0o077)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return passable(err)
		}
		if !e.IsDir() && !e.Type().IsRegular() {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return passable(err)
		}
		if open := info.Mode().Perm() & 0o077; open != 0 {
			return passable(os.Chmod(path, info.Mode().Perm()&^open))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %s from other users: %w", dir, err)
	}
	return nil
}

// passable leaves out what is gone by now, and what is not ours.
func passable(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
