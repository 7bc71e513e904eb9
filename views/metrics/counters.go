package metrics

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/store"
)

// Counters are what the rooms of a view count.
type Counters struct {
	Attempts   prometheus.Counter
	Records    prometheus.Counter
	Changes    prometheus.Counter
	Groups     prometheus.Counter
	Unreadable prometheus.Counter
	Stale      prometheus.Counter
	Rebuilds   *prometheus.CounterVec
	Aside      *prometheus.CounterVec
	Batches    *prometheus.CounterVec
	Polls      *prometheus.CounterVec
	Mismatches prometheus.Counter // of the stores
}

// NewCounters returns the counters of a table's view.
func NewCounters(table string) *Counters {
	labels := prometheus.Labels{"table": table}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
	}
	vec := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, []string{label})
	}
	return &Counters{
		Attempts:   counter("tidemark_view_attempts_total", "Times that the view began, or began again after something was wrong."),
		Records:    counter("tidemark_view_records_total", "Records of the changelog that were taken."),
		Changes:    counter("tidemark_view_changes_total", "Changes that became visible to readers."),
		Groups:     counter("tidemark_view_groups_total", "Groups of changes that became visible at once."),
		Unreadable: counter("tidemark_view_unreadable_records_total", "Records of the changelog that were left out because they could not be read."),
		Stale:      counter("tidemark_view_stale_records_total", "Records of the changelog that were left out because a newer one of their key came before."),
		Rebuilds:   vec("tidemark_view_rebuilds_total", "Times that the rows were built again, by the reason.", "reason"),
		Aside:      vec("tidemark_view_set_aside_total", "Local files that could not be used, by what they were.", "what"),
		Batches:    vec("tidemark_view_batches_total", "Batches that this view sealed or did not, by the result.", "result"),
		Mismatches: store.NewMismatches(table),
		Polls:      vec("tidemark_view_polls_total", "Polls of the ends of topics, by the result.", "result"),
	}
}

// Register registers the counters.
func (c *Counters) Register(r prometheus.Registerer) error {
	var errs []error
	for _, one := range []prometheus.Collector{
		c.Attempts, c.Records, c.Changes, c.Groups, c.Unreadable, c.Stale, c.Rebuilds, c.Aside, c.Batches, c.Polls, c.Mismatches,
	} {
		errs = append(errs, r.Register(one))
	}
	return errors.Join(errs...)
}

// Listener counts what happens.
func (c *Counters) Listener() *events.Listener {
	aside := func(what string) { c.Aside.WithLabelValues(what).Inc() }
	batch := func(result string) { c.Batches.WithLabelValues(result).Inc() }
	return &events.Listener{
		RecordUnreadable: func(events.RecordUnreadable) { c.Unreadable.Inc() },
		RecordStale:      func(events.RecordStale) { c.Stale.Inc() },
		RowsRebuilt:      func(e events.RowsRebuilt) { c.Rebuilds.WithLabelValues(e.Reason).Inc() },
		SnapshotRefused:  func(events.SnapshotRefused) { c.Rebuilds.WithLabelValues("snapshot").Inc() },
		RowsSetAside:     func(events.RowsSetAside) { aside("rows") },
		BatchSetAside:    func(events.BatchSetAside) { aside("batch") },
		BatchesSetAside:  func(events.BatchesSetAside) { aside("batches") },
		BatchSealed:      func(events.BatchSealed) { batch("sealed") },
		BatchUnproven:    func(events.BatchUnproven) { batch("unproven") },
		BatchDisputed:    func(events.BatchDisputed) { batch("mismatch") },
		BatchPassedOver:  func(events.BatchPassedOver) { batch("mismatch") },
		BatchNotWritten:  func(events.BatchNotWritten) { batch("unwritten") },
		PollFailed:       func(events.PollFailed) { c.Polls.WithLabelValues("failed").Inc() },
	}
}

// Written counts a group that became visible.
func (c *Counters) Written(records, changes int) {
	c.Records.Add(float64(records))
	c.Changes.Add(float64(changes))
	c.Groups.Inc()
}
