package reads

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/store"
)

// pageOfRows is one answer's worth of rows.
type pageOfRows struct {
	rows *store.Result
	n    int
	next string // the cursor of the page behind it; empty: there is none
}

// pageFor looks for the rows of a page, for so long as a query may take.
func (h *Handlers) pageFor(c *web.Call, rd *reading) (*pageOfRows, error) {
	ctx, cancel := c.Until(rd.limit)
	defer cancel()
	rows, err := rd.snap.Admitting(c.Enter).Query(ctx, &rd.Query)
	if errors.Is(err, context.DeadlineExceeded) && c.R.Context().Err() == nil {
		return nil, tooSlow(rd.limit)
	}
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", rd.table.Def.Name, err)
	}
	pg := &pageOfRows{rows: rows, n: rows.Len()}
	if !rows.More || pg.n == 0 {
		return pg, nil
	}
	cur := cursor{fingerprint: rd.Fingerprint, pin: rd.pin}
	if cur.pin == "" {
		cur.pin = rd.table.Pins.Pin(rd.snap)
	}
	if rd.Aggregates() || rd.LimitBy != nil {
		cur.offset = rd.start + pg.n
	} else {
		mark := rows.Bookmark(pg.n - 1)
		cur.values, cur.key = tables.EncodeKey(mark.Values...), mark.Key
	}
	pg.next = h.cursors.write(cur)
	return pg, nil
}

// write writes a page as a list in JSON.
func (pg *pageOfRows) write(s *render.Sink, rd *reading) error {
	s.Buf = rd.shape.BeginList(s.Buf)
	for i := range pg.n {
		if i > 0 {
			s.Buf = append(s.Buf, ',')
		}
		if err := s.Row(rd.shape, rd, pg.rows, i); err != nil {
			return err
		}
		if err := s.Grown(); err != nil {
			return err
		}
	}
	s.Buf = render.EndList(s.Buf, pg.n, pg.next, rd.call.Elapsed(), pg.rows.RowsRead)
	if rd.Explain {
		s.Buf = render.AppendExplain(s.Buf, pg.rows)
	}
	return nil
}
