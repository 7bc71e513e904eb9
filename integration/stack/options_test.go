package stack

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOptionsSayWhatIsWrong(t *testing.T) {
	err := Options{HeapMB: -1, Settings: map[string]string{"a": "1\n2"}}.Validate()
	for _, want := range []string{"option HeapMB is -1", `option Settings["a"]`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate: %v, want %q in it", err, want)
		}
	}
}

func TestSettingsReplaceTheDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.properties")
	err := writeProperties(path, map[string]string{"b": "1", "a": "1"}, map[string]string{"b": "2", "c": "3"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "a=1\nb=2\nc=3\n"; string(got) != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestMissingJarsNameTheRemedy(t *testing.T) {
	_, err := Options{Cache: t.TempDir()}.jars("kafka")
	if err == nil || !strings.Contains(err.Error(), "integration/stack/install.sh") {
		t.Errorf("jars: %v, want it to name install.sh", err)
	}
	if _, err := (Options{}).jars("no-such"); err == nil || !strings.Contains(err.Error(), `"no-such"`) {
		t.Errorf("jars of no-such: %v, want the name in it", err)
	}
}

func TestPortsAreReservedOnce(t *testing.T) {
	var first, second ports
	defer first.release()
	defer second.release()
	seen := map[int]bool{}
	for i := range 40 {
		from := &first
		if i%2 == 1 {
			from = &second
		}
		port, err := from.reserve()
		if err != nil {
			t.Fatal(err)
		}
		if seen[port] {
			t.Fatalf("port %d was reserved twice", port)
		}
		if port < firstPort || port > lastPort {
			t.Fatalf("port %d is outside %d-%d", port, firstPort, lastPort)
		}
		seen[port] = true
	}
}

func TestPortInUseIsNotFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if port := l.Addr().(*net.TCPAddr).Port; free(port) {
		t.Errorf("port %d counts as free", port)
	}
}

func TestReachableNamesTheClosedFolder(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.MkdirAll(filepath.Join(closed, "below"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	err := reachable("postgres", filepath.Join(closed, "below"))
	if err == nil || !strings.Contains(err.Error(), closed+" (") {
		t.Errorf("reachable: %v, want it to name %s", err, closed)
	}
}

func TestSlotHasOnlyWhatPostgresAllows(t *testing.T) {
	if got := Slot("Shop-1.x"); got != "dbz_shop_1_x" {
		t.Errorf("Slot = %q", got)
	}
}
