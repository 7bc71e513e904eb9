package state

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/processors/events"
)

const asideMark = ".aside-"

// asideKept is how many set-aside states of a partition are kept for inspection.
const asideKept = 1

// Quarantine renames the state so that the next Open begins with an empty one. The
// store must be closed.
func Quarantine(o Options, why error) error {
	o.defaults()
	return quarantine(o, why)
}

func quarantine(o Options, why error) error {
	to := o.Dir + asideMark + strconv.FormatInt(o.Clock().UnixNano(), 10)
	o.Events.StateSetAside(events.StateSetAside{Dir: o.Dir, To: to, Reason: why})
	if err := os.Rename(o.Dir, to); err != nil {
		return fmt.Errorf("set the state aside: %w", err)
	}
	return dropOldAside(o.Dir)
}

// dropOldAside keeps the newest set-aside states only: a damaged disk must not be filled with them.
func dropOldAside(dir string) error {
	parent, base := filepath.Dir(dir), filepath.Base(dir)
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("list set-aside states: %w", err)
	}
	var found []string
	for _, e := range entries { // sorted by name, which is by time
		if strings.HasPrefix(e.Name(), base+asideMark) {
			found = append(found, e.Name())
		}
	}
	for i := 0; i < len(found)-asideKept; i++ {
		if err := os.RemoveAll(filepath.Join(parent, found[i])); err != nil {
			return fmt.Errorf("remove an old set-aside state: %w", err)
		}
	}
	return nil
}
