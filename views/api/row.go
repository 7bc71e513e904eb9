package api

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// row answers GET /v1/tables/{table}/rows/{key}. It is the call that is made most:
// without parameters it reads no more than it must.
func (a *API) row(c *call) (answer, error) {
	t, err := a.table(c)
	if err != nil {
		return answer{}, err
	}
	if err := acceptsJSON(c.r.Header); err != nil {
		return answer{}, err
	}
	if err := c.wait(t); err != nil {
		return answer{}, err
	}
	key, err := t.pathKey(c, c.path)
	if err != nil {
		return answer{}, err
	}
	if c.r.Header["If-None-Match"] != nil && c.r.Header["Tidemark-Wait"] != nil {
		if err := a.whileRowSame(c, t, key); err != nil {
			return answer{}, err
		}
	}
	snap, sh, err := a.chosen(c, t)
	if err != nil {
		return answer{}, err
	}
	for tries := documentTries; ; tries-- {
		values, found := snap.Lookup(key, c.values[:0])
		if !found {
			t.set(c.w.Header(), snap, c.start)
			return answer{}, noRow(t.def.Name)
		}
		c.values = values
		c.body = sh.appendValues(c.body[:0], values)
		if !sh.document {
			break
		}
		var changed bool
		if c.body, changed, err = t.document(c.body, snap, key); err != nil {
			return answer{}, err
		}
		if !changed || tries == 0 {
			break
		}
		if err := c.pause(documentPause); err != nil {
			return answer{}, err
		}
		snap = t.Reader.Snapshot()
	}
	c.body = append(c.body, '}', '\n')
	return answer{contentType: typeJSON, etag: contentTag(c.body), of: t, snapshot: snap, body: c.body}, nil
}

// The document of a row that is just changing is on disk before the row is shown: the row
// is read again, for a quarter of a second at most.
const (
	documentTries = 50
	documentPause = 5 * time.Millisecond
)

// pause waits, and for no longer than the client does.
func (c *call) pause(d time.Duration) error {
	select {
	case <-c.r.Context().Done():
		return c.r.Context().Err()
	case <-time.After(d):
		return nil
	}
}

// whileRowSame holds the read of a present row while it is the one that the client has.
func (a *API) whileRowSame(c *call, t *served, key tables.Key) error {
	q, err := query.ParseRow(c.r.URL.RawQuery, t.def)
	if err != nil || q.AsOf != 0 {
		return err
	}
	sh := t.whole
	if c.r.URL.RawQuery != "" {
		sh = newShape(q)
	}
	key = tables.Key([]byte(key)) // the call's own is made again
	_, err = a.whileSame(c, t, t.keyFilter(key), func(snap *store.Snapshot) bool {
		values, found := snap.Lookup(key, nil)
		if !found {
			return false
		}
		body := sh.appendValues(nil, values)
		if sh.document {
			var changed bool
			if body, changed, err = t.document(body, snap, key); err != nil || changed {
				return false
			}
		}
		return matches(c.r.Header["If-None-Match"], contentTag(append(body, '}', '\n')))
	})
	return err
}

// chosen returns the snapshot and the shape that a read of rows by key asks for.
func (a *API) chosen(c *call, t *served) (*store.Snapshot, *shape, error) {
	if c.r.URL.RawQuery == "" {
		return t.Reader.Snapshot(), t.whole, nil
	}
	q, err := query.ParseRow(c.r.URL.RawQuery, t.def)
	if err != nil {
		return nil, nil, err
	}
	snap, err := t.instant(c, q)
	return snap, newShape(q), err
}

// instant returns the state that a request reads: a batch's, or the newest.
func (t *served) instant(c *call, q *query.Request) (*store.Snapshot, error) {
	if q.AsOf == 0 {
		return t.Reader.Snapshot(), nil
	}
	if q.Document {
		return nil, badRequest(string(query.BadParameter), "document", "documents are kept of the present rows only, and as_of asks for older ones", "")
	}
	snap, err := t.Reader.AsOf(c.r.Context(), q.AsOf)
	if errors.Is(err, ErrNoBatch) {
		p := problemOf(err)
		p.Field = "as_of"
		return nil, p
	}
	if err != nil {
		return nil, fmt.Errorf("read batch %d of %s: %w", q.AsOf, t.def.Name, err)
	}
	return snap, nil
}

// document appends the kept document of a row of a state, or that the row has changed since.
func (t *served) document(dst []byte, snap *store.Snapshot, key tables.Key) (out []byte, changed bool, err error) {
	doc, changed, err := t.Reader.Document(snap, key)
	if err != nil {
		return dst, false, fmt.Errorf("read a document of %s: %w", t.def.Name, err)
	}
	if changed {
		return appendChanged(dst), true, nil
	}
	return appendDocument(dst, doc), false, nil
}
