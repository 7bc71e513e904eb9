package stack

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// unprivileged returns what a child of root runs as, the first of the users that exists, and gives it the
// directory. It is nil for everybody else. Database servers refuse to run as root.
func unprivileged(dir string, names ...string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	var missing []error
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			missing = append(missing, err)
			continue
		}
		return own(dir, u)
	}
	return nil, fmt.Errorf("root may not run a database: %w", errors.Join(missing...))
}

func own(dir string, u *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s has the id %q: %w", u.Username, u.Uid, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s has the group %q: %w", u.Username, u.Gid, err)
	}
	if err := reachable(u.Username, filepath.Dir(dir)); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}

// reachable says which folder on the way another user may not pass.
func reachable(name, dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("user %s cannot pass %s (%v): leave Options.Dir empty or choose another", name, dir, info.Mode())
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}
