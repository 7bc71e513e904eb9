package api

import (
	"context"
	"net/http"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// whileSame holds a read that has If-None-Match and Tidemark-Wait for as long as its answer is
// the one that the client has: until a row that the filter keeps has changed and same no
// longer holds, or the wait is over. It is woken by such changes only. It returns the rows
// that it began with where none has.
func (a *API) whileSame(c *call, t *served, filter query.Expr, same func(*store.Snapshot) bool) (*store.Snapshot, error) {
	if c.r.Header["If-None-Match"] == nil || c.r.Header["Tidemark-Wait"] == nil || t.Changes == nil || c.r.Method == http.MethodPost {
		return nil, nil
	}
	patience, err := c.patience()
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.until(patience)
	defer cancel()
	defer context.AfterFunc(a.stopping, cancel)()
	feed, snap, err := t.Changes.Follow(ctx)
	if err != nil || !same(snap) {
		return nil, c.r.Context().Err() // what cannot be followed is read as it is
	}
	reader := feed.From(snap.Version(), snap.Position(), query.Compile(filter))
	defer reader.Close()
	for {
		b, _, err := reader.Take()
		if err != nil || len(b.Events) > 0 && !same(t.Reader.Snapshot()) {
			return nil, c.r.Context().Err() // rows that took the place of others are read anew
		}
		select {
		case <-ctx.Done():
			return snap, c.r.Context().Err()
		case <-reader.Woken():
		}
	}
}

// keyFilter keeps the row of a key.
func (t *served) keyFilter(key tables.Key) query.Expr {
	values, err := tables.DecodeKey(key, t.types)
	if err != nil {
		return nil
	}
	var all query.And
	for i, column := range t.keys {
		all = append(all, query.Compare{Column: column, Op: query.Eq, Value: values[i]})
	}
	return all
}
