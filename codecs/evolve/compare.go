package evolve

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// Cost is what a changed definition of a table takes before its rows mean what it says.
type Cost uint8

// The costs, from nothing to all.
const (
	CostNone    Cost = iota // the rows are as they would be: nothing is to be done
	CostView                // views order and index the rows that they have anew, at their next start
	CostCarry               // a new generation, made from the rows and documents that there are; the source is not read again
	CostRebuild             // a new generation, from the source
)

var costs = [...]string{CostNone: "none", CostView: "view", CostCarry: "carry", CostRebuild: "rebuild"}

// String returns the cost's name: none, view, carry or rebuild.
func (c Cost) String() string { return costs[c] }

// Difference is what lies between two definitions of a table.
type Difference struct {
	Cost    Cost
	Filled  []string // columns whose values are read from kept documents, with CostCarry
	Reasons []string // what changed, a sentence each without a full stop, what costs most first
	// Taken are those of the reasons that take something away from readers: a column, a
	// type, rows, or the source that the rows are of. What is left is additions.
	Taken []string
}

// Compare says what it costs to go from one definition of a table to another. It
// judges by the definitions alone: a document may still hold a value that cannot be
// read, and a carry fails then.
func Compare(from, to *tables.Table) Difference {
	c := comparison{from: from, to: to}
	c.source()
	c.key()
	c.columns()
	c.rest()
	return c.difference()
}

type reason struct {
	cost  Cost
	taken bool
	text  string
}

type comparison struct {
	from, to *tables.Table
	reasons  []reason
	filled   []string
}

// say notes a change after which readers have all that they had.
func (c *comparison) say(cost Cost, format string, args ...any) {
	c.reasons = append(c.reasons, reason{cost: cost, text: fmt.Sprintf(format, args...)})
}

// take notes a change that takes something away from readers.
func (c *comparison) take(cost Cost, format string, args ...any) {
	c.reasons = append(c.reasons, reason{cost: cost, taken: true, text: fmt.Sprintf(format, args...)})
}

func (c *comparison) difference() Difference {
	slices.SortStableFunc(c.reasons, func(a, b reason) int { return int(b.cost) - int(a.cost) })
	var d Difference
	for _, r := range c.reasons {
		d.Cost = max(d.Cost, r.cost)
		d.Reasons = append(d.Reasons, r.text)
		if r.taken {
			d.Taken = append(d.Taken, r.text)
		}
	}
	if d.Cost == CostCarry {
		d.Filled = c.filled
	}
	return d
}

func (c *comparison) source() {
	from, to := c.from.Source, c.to.Source
	if from.Topic != to.Topic {
		c.take(CostRebuild, "the source topic is %s instead of %s", to.Topic, from.Topic)
	}
	if from.Format != to.Format {
		c.take(CostRebuild, "the format is %s instead of %s", to.Format, from.Format)
	}
	if from.Partitioner != to.Partitioner {
		c.take(CostRebuild, "the partitioner is %s instead of %s", to.Partitioner, from.Partitioner)
	}
	if from.Placeholder != to.Placeholder {
		c.take(CostRebuild, "the placeholder is another, and rows may hold it as text")
	}
	from.Topic, from.Format, from.Partitioner, from.Placeholder = to.Topic, to.Format, to.Partitioner, to.Placeholder
	if !reflect.DeepEqual(from, to) {
		c.take(CostRebuild, "the source is read in another way")
	}
}

func (c *comparison) key() {
	if !slices.Equal(c.from.Key, c.to.Key) {
		c.take(CostRebuild, "the key is %v instead of %v", c.to.Key, c.from.Key)
		return
	}
	for i, name := range c.to.Key {
		if c.from.ColumnIndex(name) < 0 || c.to.ColumnIndex(name) < 0 {
			continue // no valid table
		}
		was, is := c.from.KeyTypes()[i], c.to.KeyTypes()[i]
		if was != is {
			c.take(CostRebuild, "the key column %s is a %s instead of a %s", name, is, was)
		}
	}
}

func (c *comparison) rest() {
	if c.from.Where != c.to.Where {
		c.take(CostCarry, "where is another")
	}
	switch {
	case c.from.Document == c.to.Document:
	case c.to.Document == tables.DocumentKeep:
		c.say(CostRebuild, "documents are kept from now on, and none were")
	default:
		c.take(CostCarry, "documents are no longer kept")
	}
	if !slices.Equal(c.from.SortKey, c.to.SortKey) {
		c.say(CostView, "the sort key is another")
	}
	if c.from.Batch != c.to.Batch {
		c.say(CostView, "batches are taken or kept in another way")
	}
	if !reflect.DeepEqual(c.from.Rollups, c.to.Rollups) && len(c.from.Rollups)+len(c.to.Rollups) > 0 {
		c.say(CostView, "the rollups are others")
	}
	c.unknown()
}

// unknown finds what this code does not know of: it must not pass for nothing.
func (c *comparison) unknown() {
	from, to := *c.from, *c.to
	from.Generation, from.Source, from.Key, from.Columns = to.Generation, to.Source, to.Key, to.Columns
	from.Document, from.SortKey, from.Where, from.Batch = to.Document, to.SortKey, to.Where, to.Batch
	from.Rollups, from.ColumnsFrom = to.Rollups, to.ColumnsFrom // the columns that there are have been compared
	if !reflect.DeepEqual(from, to) {
		c.take(CostRebuild, "the table is another in more than its columns")
	}
}
