package harness

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// BinaryVariable names an already built binary to run instead of building one.
const BinaryVariable = "TIDEMARK_BINARY"

var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(BinaryVariable); path != "" {
		return path, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	removeLeft()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", binaryDir, os.Getpid()))
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tidemark")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/tidemark")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// binaryDir begins the name of a built binary's directory. The number of the process that built it follows.
const binaryDir = "tidemark-binary-"

// removeLeft removes the binaries of test processes that have ended: nothing runs at the end of one.
func removeLeft() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), binaryDir+"*"))
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), binaryDir), "-")
		if n, err := strconv.Atoi(pid); err == nil && errors.Is(syscall.Kill(n, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}

// Binary returns the path of the built binary; it is built once per test process.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("find go.mod above the working directory: %w", os.ErrNotExist)
}
