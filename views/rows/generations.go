package rows

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/localdb"
)

// Generations are the DBs of one table over time: one is current, another may be
// under construction beside it. Which one is current is a file, written last, so
// that a crash leaves either the old or the new.
type Generations struct {
	Dir       string          // .../view/rows
	Databases *localdb.Shared // what the databases of the process share; nil is nothing
}

// Names within the directory.
const (
	currentName  = "current"
	asidePrefix  = "set-aside-"
	temporaryExt = ".tmp"
)

// Current returns the current generation, 0 when there is none.
func (g Generations) Current() (uint64, error) {
	b, err := os.ReadFile(filepath.Join(g.Dir, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the current generation of rows: %w", err)
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0, nil // a torn file names none: the rows are built again
	}
	if _, err := os.Stat(g.Path(n)); err != nil {
		return 0, nil
	}
	return n, nil
}

// Path returns the directory of a generation.
func (g Generations) Path(n uint64) string {
	return filepath.Join(g.Dir, strconv.FormatUint(n, 10))
}

// Next returns a generation that does not exist yet. What a build that did not
// end has left there is removed.
func (g Generations) Next() (uint64, error) {
	n, err := g.Current()
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(g.Dir, 0o700); err != nil {
		return 0, fmt.Errorf("make the directory of rows: %w", err)
	}
	n++
	if err := os.RemoveAll(g.Path(n)); err != nil {
		return 0, fmt.Errorf("remove unfinished rows: %w", err)
	}
	return n, nil
}

// Publish makes a generation the current one.
func (g Generations) Publish(n uint64) error {
	err := localdb.WriteText(filepath.Join(g.Dir, currentName), temporaryExt, strconv.FormatUint(n, 10)+"\n")
	if err != nil {
		return fmt.Errorf("publish rows: %w", err)
	}
	return nil
}

// SetAside moves a generation out of the way, for whoever wants to look at it;
// only the newest that was set aside is kept.
func (g Generations) SetAside(n uint64) (string, error) {
	old, err := filepath.Glob(filepath.Join(g.Dir, asidePrefix+"*"))
	if err != nil {
		return "", err
	}
	for _, o := range old {
		if err := os.RemoveAll(o); err != nil {
			return "", fmt.Errorf("remove older rows that were set aside: %w", err)
		}
	}
	to := filepath.Join(g.Dir, asidePrefix+strconv.FormatUint(n, 10))
	if err := os.Rename(g.Path(n), to); err != nil {
		return "", fmt.Errorf("set rows aside: %w", err)
	}
	return to, nil
}

// Sweep removes all generations but the one that is kept.
func (g Generations) Sweep(keep uint64) error {
	entries, err := os.ReadDir(g.Dir)
	if err != nil {
		return fmt.Errorf("remove old rows: %w", err)
	}
	for _, e := range entries {
		n, err := strconv.ParseUint(e.Name(), 10, 64)
		if err != nil || n == keep {
			continue
		}
		if err := os.RemoveAll(g.Path(n)); err != nil {
			return fmt.Errorf("remove old rows: %w", err)
		}
	}
	return nil
}
