package system

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// lockRoles takes the data directory for the process's roles: two processes over
// one local state would ruin it. Each role has a lock of its own, so that a processor
// and a view can be two processes in one directory. The locks end with the process.
func lockRoles(dir string, roles config.Roles) (release func(), err error) {
	var held []*os.File
	release = func() {
		for _, f := range held {
			_ = f.Close()
		}
	}
	if err := keepPrivate(dir); err != nil {
		return release, fmt.Errorf("make data_dir: %w", err)
	}
	for name, wanted := range map[string]bool{"processor.lock": roles.Processor, "view.lock": roles.View} {
		if !wanted {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			release()
			return release, fmt.Errorf("write to data_dir: %w", err)
		}
		held = append(held, f)
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			release()
			return release, fmt.Errorf("data_dir %s is in use by another process", dir)
		}
		if err != nil {
			release()
			return release, fmt.Errorf("lock data_dir: %w", err)
		}
	}
	return release, nil
}
