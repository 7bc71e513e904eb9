package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// errBehind is returned when the process stays behind the brokers: nothing can be said then.
var errBehind = errors.New("the running process does not come to the end of its topics, so that a difference would say nothing; wait until it is fresh")

// mostSuspects bounds what is remembered before it is decided.
const mostSuspects = 500_000

// errEnough ends the reading of the process's keys.
var errEnough = errors.New("more keys are suspect than are remembered")

// pause decides the suspects before more rows are looked at, when most rows are suspect
// or too many. When most rows do differ, the comparison ends: more say nothing new.
func (c *comparison) pause(ctx context.Context) error {
	n := len(c.suspects)
	if n < mostSuspects && (n < c.enough || int64(2*n) < c.since) {
		return nil
	}
	before := c.report.found()
	if err := c.settle(ctx); err != nil {
		return err
	}
	if found := c.report.found() - before; found >= int64(c.Enough) && 2*found >= c.since {
		c.report.Stopped = fmt.Sprintf("ended after %d rows of the database: most of them differ", c.done)
	}
	c.enough *= 2 // what was suspect was on its way: waiting for it once more takes as long
	c.since = 0
	return nil
}

// settle decides the suspects: each is a difference, or is none, or never stands still.
func (c *comparison) settle(ctx context.Context) error {
	for round := 0; len(c.suspects) > 0 && round < c.Rounds; round++ {
		if err := c.decide(ctx); err != nil {
			return err
		}
	}
	c.report.Undecided += int64(len(c.suspects))
	clear(c.suspects)
	return nil
}

// decide looks at all suspects once more, each so:
//
//	the database's row, then its position, then the process at or past that position,
//	then the database's row again
//
// A row that is the same in both reads of the database was so at the position, and the
// process must have it like that.
//
// Where positions are reached, each group is looked at by itself, which takes no time in
// which rows can change and change back. Where they are not, the process is waited for
// once for all of them.
func (c *comparison) decide(ctx context.Context) error {
	keys := slices.Sorted(maps.Keys(c.suspects))
	c.Progress("waiting until the process is as far as the database", 0, int64(len(keys)))
	position, err := c.source.position(ctx)
	if err != nil {
		return err
	}
	probe, err := c.Process.Lookup(ctx, c.objects(keys[:1]), position)
	if err != nil {
		return err
	}
	if !probe.Reached {
		return c.decideSettled(ctx, keys, probe.At)
	}
	for done, group := range chunks(keys, c.PageRows) {
		c.Progress("keys that looked different", done, int64(len(keys)))
		if err := c.readAgain(ctx, group); err != nil {
			return err
		}
		if position, err = c.source.position(ctx); err != nil {
			return err
		}
		found, how, err := c.reach(ctx, c.objects(group), position, "")
		if err != nil {
			return err
		}
		if err := c.judge(ctx, group, found, how); err != nil {
			return err
		}
		if how == bySettling {
			return nil // others wait no second time: in the next round
		}
	}
	return nil
}

// decideSettled decides where positions are not reached; at is how far the process was.
func (c *comparison) decideSettled(ctx context.Context, keys []tables.Key, at string) error {
	for done, group := range chunks(keys, c.PageRows) {
		c.Progress("keys that looked different, read again", done, int64(len(keys)))
		if err := c.readAgain(ctx, group); err != nil {
			return err
		}
	}
	position, err := c.source.position(ctx)
	if err != nil {
		return err
	}
	for done, group := range chunks(keys, c.PageRows) {
		c.Progress("keys that looked different", done, int64(len(keys)))
		var answer Answer
		if done == 0 {
			answer.Rows, _, err = c.reach(ctx, c.objects(group), position, at)
		} else {
			answer, err = c.Process.Lookup(ctx, c.objects(group), "")
		}
		if err != nil {
			return err
		}
		if err := c.judge(ctx, group, answer.Rows, bySettling); err != nil {
			return err
		}
	}
	return nil
}

// chunks yields groups of keys, and how many came before each.
func chunks(keys []tables.Key, size int) iter.Seq2[int64, []tables.Key] {
	return func(yield func(int64, []tables.Key) bool) {
		done := int64(0)
		for group := range slices.Chunk(keys, size) {
			if !yield(done, group) {
				return
			}
			done += int64(len(group))
		}
	}
}

// readAgain notes what the database's rows of suspects are now.
func (c *comparison) readAgain(ctx context.Context, keys []tables.Key) error {
	rows, err := c.source.rows(ctx, c.parts(keys))
	if err != nil {
		return err
	}
	for _, k := range keys {
		s := c.suspects[k]
		s.seen = 0
		if r, has := rows[k]; has {
			s.seen = r.hash(c.columns)
		}
		c.suspects[k] = s
	}
	return nil
}

func (c *comparison) parts(keys []tables.Key) [][]tables.Value {
	out := make([][]tables.Value, len(keys))
	for i, k := range keys {
		out[i] = c.suspects[k].parts
	}
	return out
}

func (c *comparison) objects(keys []tables.Key) []json.RawMessage {
	out := make([]json.RawMessage, len(keys))
	for i, k := range keys {
		out[i] = c.object(c.suspects[k].parts)
	}
	return out
}

// judge reports the suspects whose rows have not changed meanwhile.
func (c *comparison) judge(ctx context.Context, keys []tables.Key, found []json.RawMessage, how string) error {
	rows, err := c.source.rows(ctx, c.parts(keys))
	if err != nil {
		return err
	}
	for i, k := range keys {
		s := c.suspects[k]
		var is *row
		seen := uint64(0)
		if r, has := rows[k]; has {
			is, seen = &r, r.hash(c.columns)
		}
		if seen != s.seen {
			continue // it has changed meanwhile: next round
		}
		d, err := c.compare(is, found[i])
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

// reach looks keys up in the process once it has come to the position; before is how far
// it was when a position was not reached, "" when none was asked for. Where none of the
// table's events lies behind the position, the process never says that it has come there;
// then the rows count that it has when no event has come for as long as Settle, and it has
// all that the brokers have.
func (c *comparison) reach(ctx context.Context, keys []json.RawMessage, position, before string) ([]json.RawMessage, string, error) {
	for {
		answer, err := c.Process.Lookup(ctx, keys, position)
		if err != nil || answer.Reached {
			return answer.Rows, byPosition, err
		}
		if answer.At == before {
			break
		}
		before = answer.At // events come: the connector is behind, or the table lives
	}
	if err := c.current(ctx); err != nil {
		return nil, "", err
	}
	answer, err := c.Process.Lookup(ctx, keys, "")
	return answer.Rows, bySettling, err
}

// current waits until the process has all that the brokers have. It may lag for a moment
// on a busy machine; one that stays behind is reported.
func (c *comparison) current(ctx context.Context) error {
	deadline := time.NewTimer(c.Patience)
	defer deadline.Stop()
	for {
		current, err := c.Process.Current(ctx)
		if err != nil || current {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return errBehind
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// object writes the values of a key's columns as a lookup takes them.
func (c *comparison) object(parts []tables.Value) json.RawMessage {
	values := make([]tables.Value, len(c.Table.Columns))
	for i, k := range c.Table.KeyColumns() {
		values[k] = parts[i]
	}
	return keyObject(c.Table, values)
}
