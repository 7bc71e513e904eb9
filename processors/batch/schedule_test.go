package batch

import (
	"testing"
	"time"

	"github.com/tidemark/tidemark/tables"
)

func TestSchedule(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	for _, tt := range []struct {
		schedule string
		next     time.Duration // 0: never
	}{
		{"0,30 * * * *", 15 * time.Minute}, {"@every 90s", 90 * time.Second}, {"0 * * * *", 45 * time.Minute}, {"@on-demand", 0}, {"", 0},
	} {
		s, err := newSchedule(tables.BatchPolicy{Schedule: tt.schedule}, now)
		if err != nil {
			t.Fatal(tt.schedule, err)
		}
		if tt.next == 0 {
			if s.due(time.Time{}, now.Add(1000*time.Hour)) {
				t.Errorf("%q is due", tt.schedule)
			}
			continue
		}
		at := now.Add(tt.next)
		if s.due(time.Time{}, at.Add(-time.Second)) || !s.due(time.Time{}, at) || s.due(at, at) {
			t.Errorf("%q is not due once, after %s", tt.schedule, tt.next)
		}
		if !s.due(time.Time{}, at.Add(time.Minute)) || !s.due(now.Add(-48*time.Hour), now) {
			t.Errorf("%q is not due any more when it was missed", tt.schedule)
		}
		if s.due(now.Add(time.Hour), now) || s.due(now.Add(time.Hour), at.Add(-time.Second)) {
			t.Errorf("%q is due because of a clock that is ahead", tt.schedule)
		}
	}
	for _, bad := range []string{
		"@every", "@every 3 parsecs", "@every 1ms", "every day", "61 * * * *", "@daily", "@hourly", "0 0 * * * *", "0 0 0 * * * 2026", "0 0 * *",
	} {
		if _, err := newSchedule(tables.BatchPolicy{Schedule: bad}, now); err == nil {
			t.Errorf("%q is taken for a schedule", bad)
		}
	}
}

func TestCronIsInUTC(t *testing.T) {
	east := time.FixedZone("east", 5*3600+1800)
	s, err := newSchedule(tables.BatchPolicy{Schedule: "0 0 * * *"}, time.Date(2026, 11, 22, 12, 0, 0, 0, east))
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if s.due(time.Time{}, midnight.Add(-time.Second).In(east)) || !s.due(time.Time{}, midnight.In(east)) {
		t.Error("midnight is not that of UTC")
	}
}

func TestABatchIsMissedAfterTwoTurnsOfItsSchedule(t *testing.T) {
	at := time.Date(2026, 1, 1, 10, 10, 0, 0, time.UTC)
	for schedule, want := range map[string]string{
		"@every 30m": "11:11:00", "0,30 * * * *": "11:01:00", tables.OnDemand: "", "": "",
	} {
		got, err := missedBy(tables.BatchPolicy{Schedule: schedule}, at)
		if err != nil {
			t.Fatal(err)
		}
		if text := got.Format("15:04:05"); text != want && !(want == "" && got.IsZero()) {
			t.Errorf("%q: %s, want %s", schedule, text, want)
		}
	}
}
