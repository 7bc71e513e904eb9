package filter

import (
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/column"
)

// A condition is a filter in negation normal form: a conjunction, a disjunction or
// a leaf. Negations are in the leaves only, so it is enough to know where a
// condition is true: where it is false and where it is unknown are the same.
type Condition interface{ condition() }

type (
	AllOf []Condition
	anyOf []Condition
	// Leaf tests one column. Where the value is null, it is true exactly when nulls is set.
	Leaf struct {
		Col   int
		Test  Test
		Not   bool // inverts test for values that are present
		Nulls bool
	}
)

func (AllOf) condition() {}
func (anyOf) condition() {}
func (Leaf) condition()  {}

// A test of a present value: one of anything, intRange, intSet, wideTest and textTest.
type Test interface{ test() }

type (
	anything struct{}
	// IntRange is true from low to high, inclusive; never when low > high.
	IntRange struct{ Low, High int64 }
	IntSet   struct{ Values []int64 }
	WideTest struct {
		match func(column.Wide) bool
		Equal []column.Wide // when not nil, the values that match
	}
	// TextTest has the match, and what a sorted dictionary and the planner want to know.
	TextTest struct {
		match func(string) bool
		Equal []string // when not nil, the texts that match
		Order *TextOrder
	}
	// TextOrder is a comparison with one text.
	TextOrder struct {
		Op   query.CompareOp
		Text string
	}
)

func (anything) test() {}
func (IntRange) test() {}
func (IntSet) test()   {}
func (WideTest) test() {}
func (TextTest) test() {}
