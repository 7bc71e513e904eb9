package instrument

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A table may be started again in one process: what was counted before is not lost, and not counted twice.
func TestATableThatIsStartedAgainGoesOnCounting(t *testing.T) {
	r := prometheus.NewRegistry()
	for range 2 {
		made := Of("orders", r)
		made.Counter("a_total", "a").Inc()
		made.Counters("b_total", "b", "result", "one", "two").WithLabelValues("two").Inc()
		made.Gauge("c", "c").Inc()
		made.Gauges("d", "d", "partition").WithLabelValues("0").Inc()
		made.Histogram("e", "e", []float64{1}).Observe(1)
	}
	Of("stock", r).Counter("a_total", "a").Inc()
	got := map[string]float64{}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			got[f.GetName()+labels(m)] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"a_total orders": 2, "a_total stock": 1, "b_total one orders": 0, "b_total two orders": 2, "c orders": 2, "d 0 orders": 2, "e orders": 2,
	} {
		if n, is := got[name]; !is || n != want {
			t.Errorf("%s is %v (%t), want %v", name, n, is, want)
		}
	}
}

func labels(m *dto.Metric) (text string) {
	for _, l := range m.Label {
		text += " " + l.GetValue()
	}
	return text
}

func TestWithoutARegistererItCountsAllTheSame(t *testing.T) {
	c := Of("orders", nil).Counter("a_total", "a")
	c.Inc()
	var m dto.Metric
	if err := c.Write(&m); err != nil || m.GetCounter().GetValue() != 1 {
		t.Errorf("%v, %v", &m, err)
	}
}
