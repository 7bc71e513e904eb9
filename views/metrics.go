package views

import (
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/store"
)

// metrics are the counters of a view; the package comment lists them.
type metrics struct {
	attempts   prometheus.Counter
	records    prometheus.Counter
	changes    prometheus.Counter
	groups     prometheus.Counter
	unreadable prometheus.Counter
	stale      prometheus.Counter
	rebuilds   *prometheus.CounterVec
	aside      *prometheus.CounterVec
	batches    *prometheus.CounterVec
	polls      *prometheus.CounterVec
	mismatches prometheus.Counter // of the stores
}

func newMetrics(v *View) (*metrics, error) {
	labels := prometheus.Labels{"table": v.o.Table.Name}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
	}
	vec := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, []string{label})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	m := &metrics{
		attempts:   counter("tidemark_view_attempts_total", "Times that the view began, or began again after something was wrong."),
		records:    counter("tidemark_view_records_total", "Records of the changelog that were taken."),
		changes:    counter("tidemark_view_changes_total", "Changes that became visible to readers."),
		groups:     counter("tidemark_view_groups_total", "Groups of changes that became visible at once."),
		unreadable: counter("tidemark_view_unreadable_records_total", "Records of the changelog that were left out because they could not be read."),
		stale:      counter("tidemark_view_stale_records_total", "Records of the changelog that were left out because a newer one of their key came before."),
		rebuilds:   vec("tidemark_view_rebuilds_total", "Times that the rows were built again, by the reason.", "reason"),
		aside:      vec("tidemark_view_set_aside_total", "Local files that could not be used, by what they were.", "what"),
		batches:    vec("tidemark_view_batches_total", "Batches that this view sealed or did not, by the result.", "result"),
		mismatches: store.NewMismatches(v.o.Table.Name),
		polls:      vec("tidemark_view_polls_total", "Polls of the ends of topics, by the result.", "result"),
	}
	for _, c := range []prometheus.Collector{
		m.attempts, m.records, m.changes, m.groups, m.unreadable, m.stale, m.rebuilds, m.aside, m.batches, m.polls, m.mismatches,
		gauge("tidemark_view_age_seconds", "Age of the view: all that the broker had so long ago is in it.",
			func() float64 { return v.Freshness().Age.Seconds() }),
		gauge("tidemark_view_connected", "1 while the brokers answer.",
			func() float64 { return oneIf(v.Freshness().State != progress.Disconnected) }),
		gauge("tidemark_view_ready", "1 when the view has reached the ends that its topics had when it started.",
			func() float64 { return oneIf(v.Ready()) }),
		gauge("tidemark_view_batch", "The newest batch that the rows stand on.",
			func() float64 { return float64(v.Snapshot().Batch()) }),
		gauge("tidemark_view_lag_records", "Source records that the view does not reflect yet.",
			func() float64 { return float64(v.lag()) }),
		gauge("tidemark_view_pins", "Snapshots that are kept for cursors.",
			func() float64 { return float64(v.pins.count()) }),
		gauge("tidemark_view_pinned_bytes", "Bytes that cursors and as_of keep in memory beside the newest rows.",
			func() float64 { return float64(v.pins.memory(v.files.held(nil))) }),
		gauge("tidemark_view_foreign_rows", "Rows that are not shown because they were written with other columns.",
			func() float64 { return float64(v.foreign.count()) }),
		gauge("tidemark_view_doubled_keys", "Keys that are in several partitions.",
			func() float64 { return float64(v.homes().doubled()) }),
		gauge("tidemark_view_unsettled_keys", "Keys with changes in several partitions of which nothing tells the later one.",
			func() float64 { return float64(v.homes().unsettled()) }),
		gauge("tidemark_view_rows_disk_bytes", "Bytes of the whole rows on disk, about.",
			func() float64 { return float64(v.diskBytes()) }),
	} {
		if err := v.o.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("metrics of the view of %s: %w", v.o.Table.Name, err)
		}
	}
	return m, nil
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (m *metrics) written(records, changes int) {
	m.records.Add(float64(records))
	m.changes.Add(float64(changes))
	m.groups.Inc()
}

// held keeps the collectors of a store that readers do not see yet: two stores of
// one table have the same names, and one of them is registered at a time.
type held struct {
	mu  sync.Mutex
	all []prometheus.Collector
}

// Register implements prometheus.Registerer.
func (h *held) Register(c prometheus.Collector) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (h *held) MustRegister(cs ...prometheus.Collector) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, cs...)
}

// Unregister implements prometheus.Registerer.
func (h *held) Unregister(prometheus.Collector) bool { return false }

// show registers what is held; hide takes it out again.
func (h *held) show(r prometheus.Registerer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.all {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("metrics of the store: %w", err)
		}
	}
	return nil
}

func (h *held) hide(r prometheus.Registerer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.all {
		r.Unregister(c)
	}
}
