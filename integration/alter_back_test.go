package integration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// wayBack is what an operator does after an alteration, so that all is right again. Nothing of it can be left out.
type wayBack struct {
	declare    declaration // the table's new definition
	source     string      // the table at the source, where it is another one
	sql        string      // at the source
	keyColumns string      // of message.key.columns on the connector
	snapshot   bool        // of the table, by a signal
	sweep      bool        // replay --sweep from the snapshot on, or, without one, from the alteration on
	drop       bool        // the dead letters that are left
}

// needsMore says that the new definition alone does not make it right.
func (b *wayBack) needsMore() bool { return b.snapshot || b.sweep || b.sql != "" || b.keyColumns != "" }

// goBack has all tables go their way back, step by step, and compares them with the database.
func (s *altering) goBack(t *testing.T, altered time.Time) {
	s.correctSource(t)
	s.p.Stop()
	s.p.Reconfigure(s.config())
	s.p.Start()
	s.p.WaitReady()
	s.command(t, s.only(func(b *wayBack) bool { return b.source == "" }), applying)
	s.settled(t, s.tables, "built", func(a *alteredTable) error {
		if a.source() != a.name {
			return nil // its topic is made by the snapshot
		}
		return built(s.p, a)
	})
	s.settled(t, s.only(func(b *wayBack) bool { return !b.needsMore() }), "right by definition", s.equal)
	s.notYetEqual(t)

	again := time.Now()
	s.signal(t, s.only(func(b *wayBack) bool { return b.snapshot }))
	s.settled(t, s.only(func(b *wayBack) bool { return b.source != "" }), "asked for", func(a *alteredTable) error {
		if out, talk, code := s.p.Execute(applying(a)...); code != 0 { // its topic is not there yet
			return fmt.Errorf("apply ends with %d: %s%s", code, talk, out)
		}
		return nil
	})
	s.settled(t, s.tables, "built after the snapshot", func(a *alteredTable) error { return built(s.p, a) })
	s.command(t, s.only(func(b *wayBack) bool { return b.sweep }), func(a *alteredTable) []string {
		from := altered
		if a.back.snapshot {
			from = again
		}
		return []string{"replay", a.table, "--sweep", "--from", from.UTC().Format(time.RFC3339Nano)}
	})
	s.command(t, s.only(func(b *wayBack) bool { return b.drop }), func(a *alteredTable) []string {
		return []string{"deadletters", a.table, "drop", "--all"}
	})
	s.settled(t, s.tables, "right", s.equal)
	s.settled(t, s.tables, "well", s.well)
	s.checkIsSilent(t)
	s.deleteOne(t)
	s.settled(t, s.tables, "right after a deletion", s.equal)
}

// applying makes a table's definition the one of the configuration.
func applying(a *alteredTable) []string { return []string{"apply", a.table, "--yes", "--wait=false"} }

// correctSource changes what is to be changed at the database and on the connectors.
func (s *altering) correctSource(t *testing.T) {
	t.Helper()
	var keys, moved []string
	for _, a := range s.tables {
		s.exec(t, a.alteration, a.back.sql)
		if a.back.keyColumns != "" {
			keys = append(keys, "public."+a.name+":"+a.back.keyColumns)
		}
		if a.source() != a.name {
			moved = append(moved, "public."+a.source())
		}
	}
	s.disconnect(t, withSchemas)
	s.connect(t, withSchemas, withSchemas, strings.Join(keys, ";"), moved...)
	for _, a := range s.tables {
		if a.back.declare.columns != "" {
			a.declared = a.back.declare
		}
		a.from = a.topic(a.source())
	}
	s.awaitConnectors(t)
}

// source is the table at the source, from the way back on.
func (a *alteredTable) source() string {
	if a.back.source == "" {
		return a.name
	}
	return strings.ReplaceAll(a.back.source, "{t}", a.name)
}

// only returns the tables whose way back is of a kind.
func (s *altering) only(is func(*wayBack) bool) []*alteredTable {
	return slices.DeleteFunc(slices.Clone(s.tables), func(a *alteredTable) bool { return !is(&a.back) })
}

// equal is nil when a table has the rows of the database.
func (s *altering) equal(a *alteredTable) error {
	if code, said := s.verify(a); code != 0 {
		return fmt.Errorf("verify ends with %d: %s", code, said)
	}
	return nil
}

// notYetEqual looks that no way back has a step too many.
func (s *altering) notYetEqual(t *testing.T) {
	t.Helper()
	err := each(s.only((*wayBack).needsMore), func(a *alteredTable) error {
		if s.equal(a) == nil {
			return errors.New("right before its way back was at its end")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// command runs a command for each of some tables.
func (s *altering) command(t *testing.T, tables []*alteredTable, args func(*alteredTable) []string) {
	t.Helper()
	began := time.Now()
	err := each(tables, func(a *alteredTable) error {
		words := args(a)
		if out, talk, code := s.p.Execute(words...); code != 0 {
			return fmt.Errorf("tidemark %s ends with %d: %s%s", strings.Join(words, " "), code, talk, out)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d commands took %s", len(tables), time.Since(began).Round(time.Millisecond))
}

// built is nil when readers see what the configuration declares.
func built(p *harness.Process, a *alteredTable) error {
	h, err := healthOf(p, "/readyz", a.table)
	switch {
	case err != nil:
		return err
	case h.Generation.Build != nil:
		return fmt.Errorf("it is being built: %v", h.Generation.Build)
	case slices.Contains(h.Reasons, "definition-waits"):
		return fmt.Errorf("%v", h.Details)
	}
	return nil
}

// well is nil when nothing is reported about a table any more.
func (s *altering) well(a *alteredTable) error {
	h, err := healthOf(s.p, "/readyz", a.table)
	if reasons := lasting(h.Reasons); err == nil && (len(reasons) > 0 || h.DeadLetters > 0) {
		err = fmt.Errorf("%+v", h)
	}
	return err
}

// deleteOne deletes a row of every table, which is one of the oldest.
func (s *altering) deleteOne(t *testing.T) {
	t.Helper()
	for _, a := range s.tables {
		if a.prefix == bare {
			continue // the same table of the database
		}
		sql := fmt.Sprintf("DELETE FROM %s WHERE ctid = (SELECT min(ctid) FROM %[1]s)", a.source())
		if err := s.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// checkIsSilent wants no problem of any table.
func (s *altering) checkIsSilent(t *testing.T) {
	t.Helper()
	for _, f := range s.check(t) {
		if f.Level == "problem" {
			t.Errorf("check says after the way back: %+v", f)
		}
	}
}
