package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// maxUnread bounds the keys that are remembered because a row of theirs could not be
// made: a later row of the same key may cure it.
const maxUnread = 100_000

// carrying makes the table's rows from the older generation's changelog, record by
// record in its order and under its stamps. What is interrupted goes on where the last
// seed record was written: records are written again, none is left out.
type carrying struct {
	*Filling
	rewriter *evolve.Rewriter
	unread   map[tables.Key]error
	newest   int64 // stamp
}

func (f *Filling) carry(ctx context.Context) error {
	old, topic, err := f.older(ctx)
	if errors.Is(err, kafka.ErrNoSource) {
		return f.unfit("the topic %s, which holds the older generation's rows, is gone", topic.Name)
	}
	if err != nil {
		return err
	}
	defer old.Close()
	if err := f.fits(ctx, old, topic); err != nil {
		return err
	}
	w, err := evolve.NewRewriter(f.opts.Plan.From, f.opts.Table)
	if err != nil {
		return err
	}
	c := &carrying{Filling: f, rewriter: w, unread: map[tables.Key]error{}, newest: f.state.Applied()}
	cut, err := old.Read(ctx, f.opts.Partition, f.get().Read, c.newest, c.entry, c.reached)
	if err != nil {
		return err
	}
	if err := c.judge(); err != nil {
		return err
	}
	if err := f.acknowledged(ctx); err != nil {
		return err
	}
	rows, err := f.state.Rows()
	if err != nil {
		return err
	}
	f.change(func(s *wire.Bootstrap) {
		s.From, s.Until, s.Old, s.Carried = cut.Source, cut.Source, rows, rows
	})
	f.readFrom(cut.Source)
	return f.live(ctx, cut.Source)
}

// fits refuses an older changelog whose rows are not those of this very partition.
func (f *Filling) fits(ctx context.Context, old *seed.Changelog, topic kafka.Topic) error {
	if in := f.opts.Input; topic.Partitions != in.Partitions {
		return f.unfit("%s has %d partitions and the older generation has %d: its rows cannot be carried", in.Name, in.Partitions, topic.Partitions)
	}
	at, err := old.LastReported(ctx, f.opts.Partition)
	if err != nil {
		return err
	}
	if !sameTopic(at.SourceID, f.opts.Input.ID) {
		return f.unfit("%s was deleted and made again since: the older generation's rows do not tell where to read on", f.opts.Input.Name)
	}
	return nil
}

func (c *carrying) entry(e seed.Entry) error {
	if err := c.run.Alive(); err != nil {
		return err
	}
	if e.Stamp < c.newest || c.run.Recovery.GaveUpAt(e.Stamp) { // a repetition, or late: see package recovery
		stale, err := c.run.Recovery.IsStale(string(e.Key), e.Stamp, e.Value != nil)
		if err != nil || stale {
			return err
		}
	}
	c.newest = max(c.newest, e.Stamp)
	if e.Value == nil {
		return c.deletion(e)
	}
	s, err := wire.ParseStateRow(e.Value)
	if err != nil {
		c.opts.Unreadable(c.opts.Plan.From.Name, e.Offset, err)
		return nil
	}
	row, err := c.rewriter.Rewrite(e.Key, &s)
	if unread := (*evolve.UnreadError)(nil); errors.As(err, &unread) {
		return c.note(e.Key, &seed.ValueError{Column: unread.Column, Key: unread.Key, Reason: unread.Reason})
	}
	if err != nil {
		return fmt.Errorf("older generation's changelog, offset %d: %w", e.Offset, err)
	}
	return c.put(e, &row)
}

// rowRoom is what a state row needs around its values and document.
const rowRoom = 64

func (c *carrying) put(e seed.Entry, row *tables.Row) error {
	b := wire.AppendStateRow(c.run.Rows.Room(len(e.Value)+rowRoom), c.opts.Fingerprint, row)
	if why := c.opts.Exceeds(len(e.Key), len(b)); why != "" {
		return c.unfit("a row is too large with the new columns: %s", why)
	}
	if len(c.unread) > 0 {
		delete(c.unread, e.Key)
	}
	source, at := row.LastStreamed()
	from := state.Origin{Offset: e.Stamp, Source: source, Time: at, Latest: row.Time}
	return c.run.Rows.Put(string(e.Key), c.run.Rows.Keep(b), from, ignoreAck)
}

// ignoreAck is for records whose acknowledgement is waited for together.
func ignoreAck(error) {}

// deletion carries a tombstone, with what it says and the last row that it may hold.
func (c *carrying) deletion(e seed.Entry) error {
	delete(c.unread, e.Key)
	image, err := c.image(e)
	if err != nil {
		return err
	}
	rec := recovery.Record{
		Offset: e.Offset, Key: string(e.Key), Written: e.Written, Says: bytes.Clone(e.Header(wire.DeletionName)), BeforeImage: image,
	}
	if err := c.run.Recovery.Delete(&rec, e.Stamp); err != nil {
		return err
	}
	c.run.Rows.Append(rowwriter.Record{Key: rec.Key, Offset: e.Stamp, Says: rec.Says, BeforeImage: image}, ignoreAck)
	return nil
}

// image makes the last row of a deleted key, which another key may still want.
func (c *carrying) image(e seed.Entry) ([]byte, error) {
	b := e.Header(wire.ImageName)
	if b == nil {
		return nil, nil
	}
	s, err := wire.ParseStateRow(b)
	if err != nil { // as if there were none
		c.opts.Unreadable(c.opts.Plan.From.Name, e.Offset, err)
		return nil, nil
	}
	row := tables.Row{Offset: s.Offset, Time: s.Time, Source: s.Source} // there was no row
	if len(s.ValueBytes) > 0 {
		row, err = c.rewriter.Rewrite(e.Key, &s)
		if unread := (*evolve.UnreadError)(nil); err != nil && !errors.As(err, &unread) {
			return nil, err
		}
	}
	return wire.AppendStateRow(nil, c.opts.Fingerprint, &row), nil
}

func (c *carrying) note(key tables.Key, err error) error {
	c.unread[key] = err
	if len(c.unread) >= maxUnread {
		return c.judge()
	}
	return nil
}

// judge fails when a row could not be made. It names the one with the least key: the same each time.
func (c *carrying) judge() error {
	if len(c.unread) == 0 {
		return nil
	}
	err := c.unread[slices.Min(slices.Collect(maps.Keys(c.unread)))]
	if v := (*seed.ValueError)(nil); errors.As(err, &v) {
		v.Others = len(c.unread) - 1
	}
	return err
}

// reached notes how far the older changelog has been read, once all of it is written. Where
// a row could not be written, a restart must read it again.
func (c *carrying) reached(next, end int64) {
	if len(c.unread) > 0 {
		next = min(next, c.get().Read)
	}
	c.run.Rows.Boundary(func(_ int64, err error) {
		if err == nil {
			c.change(func(s *wire.Bootstrap) { s.Read, s.ReadEnd = max(s.Read, next), end })
		}
	})
}
