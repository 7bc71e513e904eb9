package rollout

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/tidemark/tidemark/cmd/tidemark/events"
	"github.com/tidemark/tidemark/cmd/tidemark/generations"
)

// Names of what a generation has on disk, in its own directory below data_dir.
const (
	processorDir = "processor"
	viewDir      = "view"
)

// removeFiles removes the local files of generations that this process does not use,
// those of its own roles.
func (c *Controller) removeFiles(s *generations.State) error {
	if c.tidy {
		return nil
	}
	entries, err := os.ReadDir(c.o.Parts.DataDir)
	if err != nil {
		return fmt.Errorf("look for files of old generations: %w", err)
	}
	for _, e := range entries {
		n, ok := instanceOf(c.o.Table.Name, e.Name())
		if !ok || c.all[n] != nil || wanted(s, n) || c.seen.current().table.Generation == n {
			continue
		}
		dir := filepath.Join(c.o.Parts.DataDir, e.Name())
		for part, own := range map[string]bool{processorDir: c.o.Parts.Processor, viewDir: c.o.Parts.View} {
			if !own {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
				return fmt.Errorf("remove files of generation %d: %w", n, err)
			}
		}
		if err := os.Remove(dir); err == nil { // else the other role's files are there
			c.events.FilesRemoved(events.FilesRemoved{Generation: n, Path: dir})
		}
	}
	c.tidy = true
	return nil
}

var instanceName = regexp.MustCompile(`^([a-z][a-z0-9_]*)(?:-([1-9][0-9]{0,8}))?$`)

// instanceOf returns the generation of a table that a directory's name stands for.
func instanceOf(table, dir string) (generation int, ok bool) {
	m := instanceName.FindStringSubmatch(dir)
	if m == nil || m[1] != table {
		return 0, false
	}
	if m[2] == "" {
		return 0, true
	}
	n, err := strconv.Atoi(m[2])
	return n, err == nil
}
