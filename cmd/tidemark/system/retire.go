package system

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

const (
	// drainAfter is how long answers that have begun may go on with an old generation.
	drainAfter = 5 * time.Second
	// settle is how long processes have to tell that they use an old generation
	// before it is taken that none does: a little more than they are remembered.
	settle = 20 * time.Second
)

// Names of what a generation has on disk, in its own directory below data_dir.
const (
	processorDir = "processor"
	viewDir      = "view"
)

// retire ends the generations that the record no longer asks for, and removes those
// that no process uses.
func (l *lineage) retire(ctx context.Context, s *generations.State) error {
	now := time.Now()
	for n, g := range l.all {
		if l.wanted(s, n) || g == l.servedNow() {
			continue
		}
		if now.Sub(g.left) >= drainAfter {
			g.endView()
		}
		if g.stopView == nil && (!l.isRetired(s, n) || !l.servedElsewhere(s, n)) {
			g.endProcessor()
		}
		if !g.runs() {
			delete(l.all, n)
			l.log.Info("generation ended", "generation", n)
			l.told, l.tidy = time.Time{}, false
		}
	}
	if err := l.removeFiles(s); err != nil {
		return err
	}
	return l.removeTopics(ctx, s)
}

func (l *lineage) wanted(s *generations.State, n int) bool {
	return n == s.Lineage.Current.Generation || s.Lineage.Build != nil && n == s.Lineage.Build.Table.Generation
}

func (l *lineage) isRetired(s *generations.State, n int) bool {
	return slices.ContainsFunc(s.Lineage.Retired, func(t tables.Table) bool { return t.Generation == n })
}

// servedElsewhere reports whether another process answers from a generation: it needs
// processors until it answers from the next one.
func (l *lineage) servedElsewhere(s *generations.State, n int) bool {
	for _, m := range s.Fresh(l.record.ID(), time.Now()) {
		if m.Serves == n {
			return true
		}
	}
	return false
}

// removeTopics deletes the topics of retired generations once nobody has used them for
// a while, and takes those out of the record.
func (l *lineage) removeTopics(ctx context.Context, s *generations.State) error {
	for i := range s.Lineage.Retired {
		t := &s.Lineage.Retired[i]
		if !l.unused(s, t.Generation) {
			continue
		}
		alone, err := kafka.Groupless(ctx, l.settings, t)
		if err != nil {
			return err
		}
		if !alone {
			continue
		}
		if err := kafka.Remove(ctx, l.settings, t); err != nil {
			return err
		}
		l.log.Info("topics of an old generation are deleted", "generation", t.Generation)
		return l.record.Propose(ctx, *s, generations.Forget(s.Lineage, t.Generation))
	}
	return nil
}

// unused reports whether no process has used a generation for a while. The
// generation that a build or the current one is filled from is used.
func (l *lineage) unused(s *generations.State, n int) bool {
	now := time.Now()
	if l.all[n] != nil || now.Sub(s.Moved) < settle || now.Sub(l.begun) < settle {
		return false
	}
	if b := s.Lineage.Build; b != nil && b.Filling.From.Generation == n {
		return false
	}
	for _, m := range s.Fresh(l.record.ID(), now) {
		if m.Serves == n || slices.Contains(m.Runs, n) {
			return false
		}
	}
	return true
}

// removeFiles removes the local files of generations that this process does not use,
// those of its own roles.
func (l *lineage) removeFiles(s *generations.State) error {
	if l.tidy {
		return nil
	}
	entries, err := os.ReadDir(l.o.Config.DataDir)
	if err != nil {
		return fmt.Errorf("look for files of old generations: %w", err)
	}
	for _, e := range entries {
		n, ok := instanceOf(l.declared.Name, e.Name())
		if !ok || l.all[n] != nil || l.wanted(s, n) || l.servedNow().table.Generation == n {
			continue
		}
		dir := filepath.Join(l.o.Config.DataDir, e.Name())
		for part, own := range map[string]bool{processorDir: l.o.Config.Roles.Processor, viewDir: l.o.Config.Roles.View} {
			if !own {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
				return fmt.Errorf("remove files of generation %d: %w", n, err)
			}
		}
		if err := os.Remove(dir); err == nil { // else the other role's files are there
			l.log.Info("files of an old generation are removed", "generation", n, "path", dir)
		}
	}
	l.tidy = true
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
