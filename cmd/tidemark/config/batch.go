package config

import (
	"math"
	"time"

	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
)

// The batch policy of a table that does not say otherwise.
const (
	defaultSchedule = "@every 30m"
	defaultKeepLast = 3
	defaultKeepFor  = 24 * time.Hour
)

func (o tableObject) batch() tables.BatchPolicy {
	b := o.mapping("batch", keysOf("tables[].batch")...)
	out := tables.BatchPolicy{Schedule: b.text("schedule", defaultSchedule)}
	if err := batch.CheckSchedule(out.Schedule); err != nil && !b.failed("schedule") {
		b.fault("schedule", "%q is no schedule: want cron such as \"0,30 * * * *\", @every 30m or %s", clip(out.Schedule), tables.OnDemand)
	}
	out.MaxDelta = b.integer("max_delta", 0, 0, math.MaxInt64)
	keep := b.mapping("keep", keysOf("tables[].batch.keep")...)
	out.KeepLast = int(keep.integer("last", defaultKeepLast, 1, 100_000))
	out.KeepFor = keep.duration("for", defaultKeepFor)
	return out
}
