package stack

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options says how a server is started. The zero value is a server in a temporary directory, with its log
// shown nowhere.
type Options struct {
	// Dir holds data, settings and logs; it is made if absent. Empty means a temporary directory, which
	// Close removes. A given one is kept, and the same server starts from it again on other ports.
	Dir string
	// Logf receives a line when a server is starting, ready or stopped. Nil discards it.
	Logf func(format string, args ...any)
	// Cache holds the installed jars; empty means CacheDir.
	Cache string
	// HeapMB is the most a Java server's heap may grow to, in MiB; 0 means 256 for a broker and 512
	// for Connect. The databases ignore it.
	HeapMB int
	// Optimized lets Java compile hot methods with its optimizing compiler and collect garbage beside the
	// server's work. Benchmarks want it. A server of some minutes is faster without: of such a broker's CPU
	// time the optimizing compiler takes two fifths.
	Optimized bool
	// Settings are lines of server.properties, worker.properties, postgresql.conf or my.cnf which are added to
	// the ones of this package, or replace them.
	Settings map[string]string
	// Plugins are the folders of maven/ that Connect loads; empty means debezium-postgres. Only
	// Connect reads it.
	Plugins []string
}

// Validate says what is wrong with the options.
func (o Options) Validate() error {
	var errs []error
	if o.HeapMB < 0 {
		errs = append(errs, fmt.Errorf("option HeapMB is %d, want 0 or more", o.HeapMB))
	}
	for k, v := range o.Settings {
		if k == "" || strings.ContainsAny(k+v, "\r\n") {
			errs = append(errs, fmt.Errorf("option Settings[%q]: want a name and a value of one line", k))
		}
	}
	return errors.Join(errs...)
}

func (o Options) logf(format string, args ...any) {
	if o.Logf != nil {
		o.Logf(format, args...)
	}
}

func (o Options) heapMB(byDefault int) int {
	if o.HeapMB > 0 {
		return o.HeapMB
	}
	return byDefault
}

// javaFlags are the Java virtual machine's, for a heap of at most so many MiB.
func (o Options) javaFlags(heapMB int) []string {
	flags := []string{fmt.Sprintf("-Xmx%dm", heapMB), "-XX:+ExitOnOutOfMemoryError"}
	if o.Optimized {
		return flags
	}
	return append(flags, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
}

// home is a server's directory, and whether it is ours to remove.
type home struct {
	path      string
	temporary bool
}

func (o Options) home(kind string) (home, error) {
	if err := o.Validate(); err != nil {
		return home{}, fmt.Errorf("options of %s: %w", kind, err)
	}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "tidemark-"+kind+"-")
		return home{path: dir, temporary: true}, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return home{}, err
	}
	return home{path: dir}, os.MkdirAll(dir, 0o755)
}

func (h home) remove() error {
	if !h.temporary {
		return nil
	}
	return os.RemoveAll(h.path)
}

// writeProperties writes settings as lines that Java's properties and postgresql.conf both read alike:
// the values of this package need no quoting in the first, and bring their quotes for the second.
func writeProperties(path string, base, more map[string]string) error {
	all := maps.Clone(base)
	maps.Copy(all, more)
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s=%s\n", k, all[k])
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
