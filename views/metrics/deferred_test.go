package metrics_test

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/views/metrics"
)

func gauge(name string) prometheus.Collector {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "Of a test."})
}

// names returns the names of what a registry shows.
func names(t *testing.T, r prometheus.Gatherer) []string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range families {
		out = append(out, f.GetName())
	}
	return out
}

// TestOneOfTwoWithTheSameNamesIsShown shows one of two that have the same collectors, and then
// the other one.
func TestOneOfTwoWithTheSameNamesIsShown(t *testing.T) {
	r := prometheus.NewRegistry()
	var before, next metrics.Deferred
	for _, d := range []*metrics.Deferred{&before, &next} {
		d.MustRegister(gauge("rows"), gauge("bytes"))
	}
	if got := names(t, r); len(got) != 0 {
		t.Errorf("shown before it was asked for: %v", got)
	}
	if err := before.Show(r); err != nil {
		t.Fatal(err)
	}
	if err := next.Show(r); err == nil {
		t.Error("two of one name are shown")
	}
	before.Hide()
	before.Hide() // there is nothing more to hide
	if err := next.Show(r); err != nil {
		t.Fatal(err)
	}
	next.MustRegister(gauge("late"))
	if got := names(t, r); !slices.Equal(got, []string{"bytes", "late", "rows"}) {
		t.Errorf("shown: %v", got)
	}
}

// TestWhatCannotBeShownLeavesNothingBehind lets the second of three collectors fail.
func TestWhatCannotBeShownLeavesNothingBehind(t *testing.T) {
	r := prometheus.NewRegistry()
	taken := gauge("taken")
	r.MustRegister(taken)
	var d metrics.Deferred
	d.MustRegister(gauge("first"), gauge("taken"), gauge("third"))
	if err := d.Show(r); err == nil {
		t.Fatal("a name that is taken was shown")
	}
	if got := names(t, r); !slices.Equal(got, []string{"taken"}) {
		t.Errorf("left behind: %v", got)
	}
	r.Unregister(taken)
	if err := d.Show(r); err != nil {
		t.Errorf("shown later: %v", err)
	}
}
