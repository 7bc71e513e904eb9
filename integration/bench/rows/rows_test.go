package rows

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestRowIsAFunction(t *testing.T) {
	first, again, later := Row(nil, 7, 1000, 0), Row(nil, 7, 1000, 0), Row(nil, 7, 1000, 1)
	if !slices.Equal(first, again) || slices.Equal(first, later) {
		t.Errorf("row 7 is %v, then %v, and in round 1 %v", first, again, later)
	}
}

// TestQuestionsHaveAnswers keeps a benchmark from being fast because nothing is found.
func TestQuestionsHaveAnswers(t *testing.T) {
	w, err := newWorld(context.Background(), Table(), 20_000, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer w.store.Close()
	for _, q := range questions() {
		text, err := w.text(q.ask(rand.New(rand.NewPCG(1, 2)), w.rows))
		if err != nil || strings.TrimSpace(text) == "" {
			t.Errorf("%s: %q, %v", q.name, text, err)
		}
	}
	q := questions()[2]
	q.ask = narrowed(q.ask)
	if thin, err := newWorld(context.Background(), Narrow(), 20_000, 200); err != nil {
		t.Error(err)
	} else if times, err := thin.measure(context.Background(), q, 3); err != nil || len(times) != 3 {
		t.Errorf("narrow: %v, %v", times, err)
	}
}

func TestRestartKeepsRows(t *testing.T) {
	w, err := newWorld(context.Background(), Narrow(), 20_000, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.store.Close()
	if r, err := restarted(context.Background(), w, t.TempDir()); err != nil || r.perRow <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
