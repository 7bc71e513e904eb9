package reads

import (
	"context"
	"net/http"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// whileSame holds a read that has If-None-Match and Tidemark-Wait for as long as its answer is
// the one that the client has: until a row that the filter keeps has changed and same no
// longer holds, or the wait is over. It is woken by such changes only. It returns the rows
// that it began with where none has.
func (h *Handlers) whileSame(c *web.Call, t *live.Served, filter query.Expr, same func(*store.Snapshot) bool) (*store.Snapshot, error) {
	if c.R.Header["If-None-Match"] == nil || c.R.Header["Tidemark-Wait"] == nil || t.Changes == nil || c.R.Method == http.MethodPost {
		return nil, nil
	}
	patience, err := ask.Patience(c.R.Header)
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.Until(patience)
	defer cancel()
	defer context.AfterFunc(h.Stopping, cancel)()
	feed, snap, err := t.Changes.Follow(ctx)
	if err != nil || !same(snap) {
		return nil, c.R.Context().Err() // what cannot be followed is read as it is
	}
	reader := feed.From(snap.Version(), snap.Position(), query.Compile(filter))
	defer reader.Close()
	for {
		b, _, err := reader.Take()
		if err != nil || len(b.Events) > 0 && !same(t.Reader.Snapshot()) {
			return nil, c.R.Context().Err() // rows that took the place of others are read anew
		}
		select {
		case <-ctx.Done():
			return snap, c.R.Context().Err()
		case <-reader.Woken():
		}
	}
}

// keyFilter keeps the row of a key.
func keyFilter(t *live.Served, key tables.Key) query.Expr {
	values, err := tables.DecodeKey(key, t.KeyTypes)
	if err != nil {
		return nil
	}
	var all query.And
	for i, column := range t.KeyColumns {
		all = append(all, query.Compare{Column: column, Op: query.Eq, Value: values[i]})
	}
	return all
}
