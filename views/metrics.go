package views

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/progress"
)

// register registers the metrics of a view; the package comment lists them.
func (v *View) register() error {
	labels := prometheus.Labels{"table": v.o.Table.Name}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	if err := v.parts.Counters.Register(v.o.Registerer); err != nil {
		return fmt.Errorf("metrics of the view of %s: %w", v.o.Table.Name, err)
	}
	for _, c := range []prometheus.Collector{
		gauge("tidemark_view_age_seconds", "Age of the view: all that the broker had so long ago is in it.",
			func() float64 { return v.Freshness().Age.Seconds() }),
		gauge("tidemark_view_connected", "1 while the brokers answer.",
			func() float64 { return oneIf(v.Freshness().State != progress.Disconnected) }),
		gauge("tidemark_view_ready", "1 when the view has reached the ends that its topics had when it started.",
			func() float64 { return oneIf(v.Ready()) }),
		gauge("tidemark_view_batch", "The newest batch that the rows are based on.",
			func() float64 { return float64(v.Snapshot().Batch()) }),
		gauge("tidemark_view_lag_records", "Source records that the view does not reflect yet.",
			func() float64 { return float64(v.lag()) }),
		gauge("tidemark_view_pins", "Snapshots that are kept for cursors.",
			func() float64 { return float64(v.pins.count()) }),
		gauge("tidemark_view_pinned_bytes", "Bytes that cursors and as_of keep in memory beside the newest rows.",
			func() float64 { return float64(v.pins.memory(v.parts.Files.InMemory(nil))) }),
		gauge("tidemark_view_foreign_rows", "Rows that are not shown because they were written with other columns.",
			func() float64 { return float64(v.parts.OtherSchema.Count()) }),
		gauge("tidemark_view_doubled_keys", "Keys that are in several partitions.",
			func() float64 { return float64(v.keys().Duplicates()) }),
		gauge("tidemark_view_unsettled_keys", "Keys with changes in several partitions of which nothing says which is later.",
			func() float64 { return float64(v.keys().Unsettled()) }),
		gauge("tidemark_view_rows_disk_bytes", "Bytes of the whole rows on disk, about.",
			func() float64 { return float64(v.diskBytes()) }),
	} {
		if err := v.o.Registerer.Register(c); err != nil {
			return fmt.Errorf("metrics of the view of %s: %w", v.o.Table.Name, err)
		}
	}
	return nil
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
