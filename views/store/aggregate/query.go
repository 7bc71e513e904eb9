package aggregate

import (
	"context"

	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store/scan"
)

// Query answers a query with aggregates: every goroutine of the scan groups what
// it reads, and the groups are merged.
func Query(ctx context.Context, from scan.Reading, q *query.Query, outputs []query.Output) (*Groups, error) {
	rows, err := newGroupRows(q, outputs)
	if err != nil {
		return nil, err
	}
	found, err := from.Scan(ctx, q)
	if err == nil {
		err = found.Ask(ctx)
	}
	if err != nil {
		return nil, err
	}
	var sinks []*sink
	err = found.Run(ctx, func() scan.Sink {
		s := newSink(from.Version, outputs)
		sinks = append(sinks, s)
		return s
	})
	if err != nil {
		return nil, err
	}
	all := sinks[0]
	for _, s := range sinks {
		s.finish()
		if s != all {
			all.merge(s.grouping, found.Over)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if rows.More, err = rows.fill(ctx, all.grouping); err != nil {
		return nil, err
	}
	rows.Stats = found.Stats()
	return rows, nil
}
