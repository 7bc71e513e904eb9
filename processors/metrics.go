package processors

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/fold"
	"github.com/tidemark/tidemark/processors/keychange"
)

// metrics are a table's, over all its partitions of this process.
type metrics struct {
	verdicts      []prometheus.Counter // by fold.Verdict
	skipped       *prometheus.CounterVec
	deadLetters   prometheus.Counter
	truncates     prometheus.Counter
	repaired      prometheus.Counter
	givenUp       prometheus.Counter
	images        *prometheus.CounterVec
	wishes        *prometheus.CounterVec
	letters       *prometheus.CounterVec
	drifts        prometheus.Counter
	lost          prometheus.Counter
	unreadable    prometheus.Counter
	refilled      prometheus.Counter
	failures      prometheus.Counter
	batchFailures prometheus.Counter
	owned         prometheus.Gauge
	waiting       prometheus.Gauge
	batchSeconds  prometheus.Histogram
	seed          *prometheus.GaugeVec
	seedPhase     *prometheus.GaugeVec
}

// otherReason is the label of what a decoder gives no known reason for.
const otherReason = "other"

// reasons bounds the labels of skipped events, whatever a decoder says.
func reasons() []string {
	return []string{
		cdc.SkipHeartbeat, cdc.SkipTransaction, cdc.SkipSchemaChange, cdc.SkipMessage,
		cdc.SkipNotification, cdc.SkipSignal, cdc.SkipUnknownOp, cdc.SkipNoRow, cdc.SkipTombstone, cdc.SkipBootstrap,
		cdc.SkipOtherTable, otherReason,
	}
}

func newMetrics(r prometheus.Registerer, table string) *metrics {
	if r == nil {
		r = prometheus.NewRegistry()
	}
	r = prometheus.WrapRegistererWith(prometheus.Labels{"table": table}, r)
	counter := func(name, help string) prometheus.Counter {
		return register(r, prometheus.NewCounter(prometheus.CounterOpts{Name: "tidemark_processor_" + name, Help: help}))
	}
	changes := register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tidemark_processor_changes_total", Help: "Changes folded into the table, by what was done with them.",
	}, []string{"verdict"}))
	m := &metrics{
		skipped: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_processor_skipped_total", Help: "Events of the source topic that concern no row, by reason.",
		}, []string{"reason"})),
		images: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_processor_moved_rows_total", Help: "Rows that went on under another key in another partition and lacked values, by what became of those.",
		}, []string{"result"})),
		wishes: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_processor_image_questions_total", Help: "Questions of other partitions for a row under its last key, by the answer.",
		}, []string{"result"})),
		letters: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidemark_processor_dead_letter_requests_total", Help: "Dead letters that were to be retried or dropped, by result.",
		}, []string{"result"})),
		deadLetters:   counter("dead_letters_total", "Records sent to the dead letters."),
		truncates:     counter("truncates_total", "Truncates read from the source topic."),
		repaired:      counter("repaired_rows_total", "Rows written to the changelog again, behind a late record of another writer."),
		givenUp:       counter("given_up_rows_total", "Rows given up because another partition has a later change of their key."),
		drifts:        counter("schema_changes_total", "Times that the records' schema was found to be another than the declaration, or than it was."),
		lost:          counter("lost_records_total", "Records that the source topic no longer had when they were to be read."),
		unreadable:    counter("unreadable_records_total", "Records of the table's own topics that were left out because they could not be read."),
		refilled:      counter("refills_total", "Partitions that were read again from the start of the source, because the changelog had lost records."),
		failures:      counter("failures_total", "Runs of a partition that ended with an error and were begun again."),
		batchFailures: counter("batch_failures_total", "Attempts at a partition's batch that failed and were made again."),
		owned: register(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidemark_processor_partitions", Help: "Partitions owned by this process.",
		})),
		waiting: register(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidemark_processor_waiting_partitions", Help: "Partitions that wait for something outside, such as the schema registry.",
		})),
		batchSeconds: register(r, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tidemark_processor_batch_seconds", Help: "Time from the cut of a partition's batch to its manifest, in seconds.",
			Buckets: prometheus.ExponentialBuckets(0.01, 4, 8),
		})),
	}
	for _, result := range keychange.Results() {
		m.images.WithLabelValues(result)
	}
	for _, result := range keychange.Answers() {
		m.wishes.WithLabelValues(result)
	}
	for _, result := range deadletter.Results() {
		m.letters.WithLabelValues(result)
	}
	m.seed = register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "tidemark_processor_seed_rows", Help: "Rows of an older generation that a generation was filled from, by what became of them, of the partitions of this process.",
	}, []string{"partition", "outcome"}))
	m.seedPhase = register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "tidemark_processor_seed_phase", Help: "What the filling of a partition of a generation is doing: 1 seeding, 2 replaying, 3 adopting, 4 live.",
	}, []string{"partition"}))
	for _, v := range fold.Verdicts() {
		m.verdicts = append(m.verdicts, changes.WithLabelValues(v.String()))
	}
	return m
}

// register takes the collector that is registered already when there is one: a
// table may be started again in one process.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	err := r.Register(c)
	if already, ok := err.(prometheus.AlreadyRegisteredError); ok { //nolint:errorlint // it is never wrapped
		if old, ok := already.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}

// seeded shows how far the filling of a partition is.
func (m *metrics) seeded(s wire.Bootstrap) {
	p := strconv.Itoa(int(s.Partition))
	m.seedPhase.WithLabelValues(p).Set(float64(s.Phase))
	m.seed.WithLabelValues(p, "carried").Set(float64(s.Carried))
	m.seed.WithLabelValues(p, "adopted").Set(float64(s.Adopted))
	m.seed.WithLabelValues(p, "swept").Set(float64(s.Swept))
}

func (m *metrics) skip(reason string) {
	for _, known := range reasons() {
		if reason == known {
			m.skipped.WithLabelValues(reason).Inc()
			return
		}
	}
	m.skipped.WithLabelValues(otherReason).Inc()
}
