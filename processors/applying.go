package processors

import (
	"github.com/tidemark/tidemark/processors/apply"
	"github.com/tidemark/tidemark/processors/keychange"
)

// newApplier makes what folds changes into the rows of the partition. It is of the goroutine that folds.
func (r *run) newApplier() *apply.Applier {
	return apply.New(apply.Options{
		Partitions: r.partitions, Fingerprint: r.fingerprint, Exceeds: r.limit.exceeds, Rules: r.rules,
		Rows: r.rows, Truncates: r.truncates, BeforeImages: r.beforeImages, Asker: r.asker, Answerer: r.answerer, Dead: r.deadLetter,
		Events: r.events, Metrics: r.metrics.folding, FilledLate: r.metrics.keyChanges.Inserts.WithLabelValues(keychange.FilledLate),
	})
}
