package sources

import (
	"fmt"
	"testing"
)

// Not every combination is run, but every value of a setting with and without schemas, and in both forms.
func TestSettingsMeet(t *testing.T) {
	seen := map[string]map[string]bool{}
	for _, s := range postgresSettings() {
		for setting, value := range map[string]string{
			"time": s.Time, "decimal": s.Decimal, "binary": s.Binary, "interval": s.Interval, "hstore": s.HStore,
			"nulls": fmt.Sprint(s.KeepNull),
		} {
			k := setting + "=" + value
			if seen[k] == nil {
				seen[k] = map[string]bool{}
			}
			seen[k][fmt.Sprintf("schemas=%v", s.Schemas)] = true
			seen[k][fmt.Sprintf("flat=%v", s.Flat != "")] = true
		}
	}
	all := map[string][]string{
		"time":     {"adaptive", "adaptive_time_microseconds", "connect", "isostring", "microseconds", "nanoseconds", "structured"},
		"decimal":  {"precise", "string", "double"},
		"binary":   {"bytes", "base64", "base64-url-safe", "hex"},
		"interval": {"numeric", "string"},
		"hstore":   {"json", "map"},
		"nulls":    {"true", "false"},
	}
	for setting, values := range all {
		for _, v := range values {
			for _, with := range []string{"schemas=true", "schemas=false", "flat=true", "flat=false"} {
				if !seen[setting+"="+v][with] {
					t.Errorf("no connector has %s=%s with %s", setting, v, with)
				}
			}
		}
	}
}
