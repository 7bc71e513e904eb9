package processors

import (
	"github.com/tidemark/tidemark/processors/keychange"
)

// Here package keychange is given what it needs of a run.

// newKeyChanges makes what carries values along with a change of key.
func (r *run) newKeyChanges() (*keychange.BeforeImages, *keychange.Asker, *keychange.Answerer) {
	return keychange.New(keychange.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Fingerprint: r.fingerprint, Columns: r.columns,
		Wait: r.opts.ImageWait, Send: r.rows.Send, End: r.sourceEnd, Clock: r.opts.Clock, UntilOver: r.untilOver,
		ReadAgain: r.fillLate, Look: r.gate.Look, Fail: r.stop, Events: r.events, Metrics: r.metrics.keyChanges,
	})
}
