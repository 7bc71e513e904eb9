//go:build linux || darwin

package system

import "syscall"

// space returns the bytes that are left to us, and that there are, where a directory is.
func space(dir string) (free, size uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, false
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), s.Blocks > 0
}
