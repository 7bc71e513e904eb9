package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// page is one answer's worth of rows.
type page struct {
	rows *store.Result
	n    int
	next string // the cursor of the page behind it; empty: there is none
}

// page looks for the rows of a page, for so long as a query may take.
func (a *API) page(c *call, rd *reading) (*page, error) {
	ctx, cancel := c.until(a.QueryTime)
	defer cancel()
	rows, err := rd.snap.Admitting(c.ticket.enter).Query(ctx, &rd.Query)
	if errors.Is(err, context.DeadlineExceeded) && c.r.Context().Err() == nil {
		return nil, tooSlow(a.QueryTime)
	}
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", rd.table.def.Name, err)
	}
	pg := &page{rows: rows, n: rows.Len()}
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
	pg.next = a.cursors.write(cur)
	return pg, nil
}

// writeJSON writes a page as {"meta","data","rows","next","statistics"}.
func (a *API) writeJSON(s *sink, rd *reading, pg *page) error {
	s.buf = append(s.buf, `{"meta":`...)
	s.buf = append(rd.shape.appendMeta(s.buf), `,"data":[`...)
	for i := range pg.n {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		if err := s.row(rd, pg.rows, i); err != nil {
			return err
		}
		if err := s.grown(); err != nil {
			return err
		}
	}
	s.buf = a.appendEnd(s.buf, s.call, pg.n, pg.next, pg.rows.RowsRead)
	if rd.Explain {
		s.buf = appendExplain(s.buf, pg.rows)
	}
	return nil
}

// appendExplain adds how the rows were found to a list that has ended.
func appendExplain(dst []byte, rows *store.Result) []byte {
	dst = append(dst[:len(dst)-len("}\n")], `,"explain":{"plan":`...)
	dst = tables.AppendJSONString(dst, rows.Plan)
	dst = append(dst, `,"rows_read":`...)
	dst = appendInt(dst, rows.RowsRead)
	dst = append(dst, `,"blocks_passed_over":`...)
	dst = appendInt(dst, rows.PassedOver)
	return append(dst, '}', '}', '\n')
}

// row appends one JSON object.
func (s *sink) row(rd *reading, rows *store.Result, row int) error {
	s.call.values = rows.AppendValues(s.call.values[:0], row)
	s.buf = rd.shape.appendRow(s.buf, s.call.values)
	if rd.shape.document {
		doc, changed, err := rd.documentOf(rows, row)
		if err != nil {
			return err
		}
		if changed {
			s.buf = appendChanged(s.buf)
		} else {
			s.buf = appendDocument(s.buf, doc)
		}
	}
	s.buf = append(s.buf, '}')
	return nil
}

// appendEnd appends what follows the rows of a list.
func (a *API) appendEnd(dst []byte, c *call, rows int, next string, read int64) []byte {
	dst = append(dst, `],"rows":`...)
	dst = appendInt(dst, int64(rows))
	if next != "" {
		dst = append(append(append(dst, `,"next":"`...), next...), '"')
	}
	dst = append(dst, `,"statistics":{"elapsed":`...)
	dst = strconv.AppendFloat(dst, a.Clock().Sub(c.start).Seconds(), 'f', 6, 64)
	dst = append(dst, `,"rows_read":`...)
	dst = appendInt(dst, read)
	return append(dst, '}', '}', '\n')
}
