package filter

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidemark/tidemark/views/store/column"
	"github.com/tidemark/tidemark/views/store/stop"
)

// over is the stop of a query that has ended.
func over() stop.Signal {
	ended := make(chan struct{})
	close(ended)
	return ended
}

func TestAFilterOfAQueryThatIsOverIsNotPrepared(t *testing.T) {
	texts := make([]string, 50_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("%06d", i)
	}
	col := &column.Column{Form: column.FormText, Dict: column.NewDictionary(texts), Ints: column.NewPacked(len(texts), 0, int64(len(texts)-1))}
	calls := 0
	like := TextTest{match: func(string) bool { calls++; return false }}
	textPredicate(col, like, false, len(texts), over())
	if calls > 16 {
		t.Errorf("%d texts of the dictionary were looked at", calls)
	}
	calls = 0
	var many anyOf
	for range 1000 {
		many = append(many, Leaf{Test: like})
	}
	prepare(AllOf{many, many}, over(), func(l Leaf) Predicate { calls++; return constant(true) })
	if calls > 0 {
		t.Errorf("%d conditions were prepared", calls)
	}
}

func TestAPredicateOfAQueryThatIsOverLooksAtFewRows(t *testing.T) {
	calls := 0
	slow := &rowTest{match: func(int) bool { calls++; return true }, over: over()}
	either := &disjunction{parts: slices.Repeat([]Predicate{slow}, 1000), over: over()}
	both := &conjunction{parts: slices.Repeat([]Predicate{slow}, 1000), over: over()}
	for name, p := range map[string]Predicate{"rows": slow, "or": either, "and": both} {
		var m column.Mask
		m.Fill(0, column.BlockRows)
		calls = 0
		if p.Refine(0, &m); calls > 16 {
			t.Errorf("%s: %d rows were looked at", name, calls)
		}
	}
	calls = 0
	if never := (&disjunction{parts: slices.Repeat([]Predicate{constant(false)}, 10_000), over: over()}); never.Test(0) {
		t.Error("a row is true for a query that is over")
	}
}
