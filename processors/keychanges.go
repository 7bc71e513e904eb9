package processors

import (
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/keychange"
)

// Here package keychange is given what it needs of a run.

// newKeyChanges makes what carries values along with a change of key.
func (r *run) newKeyChanges() (*keychange.Images, *keychange.Asker, *keychange.Answerer) {
	return keychange.New(keychange.Options{
		Topic: r.names.Batch, Partition: r.partition, Partitions: r.partitions, Fingerprint: r.fingerprint, Columns: r.columns,
		Wait: r.opts.ImageWait, Send: r.rows.Send, End: r.sourceEnd, Clock: r.opts.Clock, UntilOver: r.untilOver,
		ReadAgain: func(offset int64, image []byte, done bus.Done) {
			r.readAgain(&again{done: done, offset: offset, image: image})
		},
		Look: r.gate.Look, Fail: r.stop, Logger: r.logger, Metrics: r.metrics.keyChanges,
	})
}
