package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBinariesOfEndedProcessesAreRemoved leaves a binary of a process that has ended, one of this process, and one
// whose name says no process.
func TestBinariesOfEndedProcessesAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	place := func(name string) string {
		dir := filepath.Join(os.TempDir(), binaryDir+name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	gone := place(fmt.Sprintf("%d-1", ended.Process.Pid))
	kept := []string{place(fmt.Sprintf("%d-1", os.Getpid())), place("other")}
	removeLeft()
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", gone, err)
	}
	for _, dir := range kept {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
}
