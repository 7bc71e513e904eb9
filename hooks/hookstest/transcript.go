package hookstest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// Transcript writes down what happens, step by step. Times, durations and what is replaced are
// left out, so that every run of the same steps reads alike. It is safe for concurrent use.
type Transcript struct {
	mu      sync.Mutex
	lines   []string
	step    int      // index of the line that the step begins with
	beside  []string // of the step, written behind its other lines
	replace []replacement
}

type replacement struct {
	what *regexp.Regexp
	by   string
}

// Replace has what a pattern matches, such as a directory's name, written as another text.
func (s *Transcript) Replace(pattern, by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace = append(s.replace, replacement{regexp.MustCompile(pattern), by})
}

// Step writes a heading.
func (s *Transcript) Step(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(append(s.lines, s.beside...), "# "+text)
	s.step, s.beside = len(s.lines), nil
}

// Add writes an event.
func (s *Transcript) Add(e hooks.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, s.text(e))
}

// Beside writes an event behind those of its step that Add writes: it happens on another
// goroutine, and chance decides which of them is first.
func (s *Transcript) Beside(e hooks.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beside = append(s.beside, s.text(e))
}

func (s *Transcript) text(e hooks.Event) string {
	text := e.Line().String()
	for _, r := range s.replace {
		text = r.what.ReplaceAllString(text, r.by)
	}
	return text
}

// Await waits until the step has a line with a text.
func (s *Transcript) Await(t testing.TB, text string) {
	t.Helper()
	const patience = 30 * time.Second
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !s.has(text) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %q:\n%s", patience, text, s)
		}
		<-tick.C
	}
}

func (s *Transcript) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(append(s.lines[s.step:len(s.lines):len(s.lines)], s.beside...), func(line string) bool {
		return strings.Contains(line, text)
	})
}

// String returns what was written.
func (s *Transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(append(s.lines[:len(s.lines):len(s.lines)], s.beside...), "\n") + "\n"
}

// Compare compares what was written with a golden file, or writes that.
func (s *Transcript) Compare(t testing.TB, path string, update bool) {
	t.Helper()
	got := s.String()
	if update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("what happened differs from %s.\nwant:\n%s\ngot:\n%s", path, want, got)
	}
}
