package verify

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/tidemark/tidemark/tables"
)

// errBehind is returned when the process stays behind the brokers: nothing can be said then.
var errBehind = errors.New("the running process does not come to the end of its topics, so that a difference would say nothing; wait until it is fresh")

// settle decides the suspects: each is a difference, or is none, or never stands still.
func (c *comparison) settle(ctx context.Context) error {
	for round := 0; len(c.suspects) > 0 && round < c.Rounds; round++ {
		keys := slices.Sorted(maps.Keys(c.suspects))
		for group := range slices.Chunk(keys, c.PageRows) {
			if err := c.decide(ctx, group); err != nil {
				return err
			}
		}
	}
	c.report.Undecided = int64(len(c.suspects))
	return nil
}

// decide looks at suspects once more:
//
//	the database's rows, then its position, then the process at or past that
//	position, then the database's rows again
//
// A row that is the same in both reads of the database was so at the position, and
// the process must have it like that.
func (c *comparison) decide(ctx context.Context, keys []tables.Key) error {
	parts := make([][]tables.Value, len(keys))
	objects := make([]json.RawMessage, len(keys))
	for i, k := range keys {
		parts[i] = c.suspects[k]
		objects[i] = c.object(parts[i])
	}
	before, err := c.source.rows(ctx, parts)
	if err != nil {
		return err
	}
	position, err := c.source.position(ctx)
	if err != nil {
		return err
	}
	found, how, err := c.reach(ctx, objects, position)
	if err != nil {
		return err
	}
	after, err := c.source.rows(ctx, parts)
	if err != nil {
		return err
	}
	for i, k := range keys {
		was, had := before[k]
		is, has := after[k]
		if had != has || had && !sameRow(&was, &is) {
			continue // it has changed meanwhile: next round
		}
		var row *row
		if had {
			row = &was
		}
		d, err := c.compare(row, found[i])
		if err != nil {
			return err
		}
		if d != nil {
			d.Reached = how
			c.report.add(*d, c.Most)
		}
		delete(c.suspects, k)
	}
	return nil
}

// How it is known that the process is as far as the database was.
const (
	byPosition = "position"
	bySettling = "settled"
)

// reach looks keys up in the process once it has come to the position. Where none of
// the table's events lies behind that, it never says so; then the rows count that it
// has when no event has come for as long as Settle, and it has all that the brokers have.
func (c *comparison) reach(ctx context.Context, keys []json.RawMessage, position string) ([]json.RawMessage, string, error) {
	for before := ""; ; {
		answer, err := c.Process.Lookup(ctx, keys, position)
		if err != nil || answer.Reached {
			return answer.Rows, byPosition, err
		}
		if answer.At == before {
			break
		}
		before = answer.At // events come: the connector is behind, or the table lives
	}
	current, err := c.Process.Current(ctx)
	if err == nil && !current {
		err = errBehind
	}
	if err != nil {
		return nil, "", err
	}
	answer, err := c.Process.Lookup(ctx, keys, "")
	return answer.Rows, bySettling, err
}

func sameRow(a, b *row) bool {
	return slices.Equal(a.values, b.values) && reflect.DeepEqual(a.unreadable, b.unreadable)
}

// object writes the values of a key's columns as a lookup takes them.
func (c *comparison) object(parts []tables.Value) json.RawMessage {
	values := make([]tables.Value, len(c.Table.Columns))
	for i, k := range c.Table.KeyColumns() {
		values[k] = parts[i]
	}
	return keyObject(c.Table, values)
}
