package harness

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Same fails the test unless the rows are the wanted ones, in any order. Rows are
// distinguished by the key columns. Wanted rows are given as Go values or decoded JSON.
func Same(t testing.TB, want, got []Row, key ...string) {
	t.Helper()
	if d := Differences(want, got, key...); d != "" {
		t.Fatal(d)
	}
}

// Differences describes how the rows differ, at most ten of them; empty when they do not.
func Differences(want, got []Row, key ...string) string {
	w, errs := index("wanted", want, key)
	g, more := index("answered", got, key)
	errs = append(errs, more...)
	for k, r := range w {
		have, ok := g[k]
		if !ok {
			errs = append(errs, fmt.Sprintf("missing: %s", k))
		} else if d := cmp.Diff(r, have); d != "" {
			errs = append(errs, fmt.Sprintf("%s (-want +got):\n%s", k, d))
		}
	}
	for k := range g {
		if _, ok := w[k]; !ok {
			errs = append(errs, fmt.Sprintf("should not be there: %s", k))
		}
	}
	if len(errs) == 0 {
		return ""
	}
	sort.Strings(errs)
	n := len(errs)
	return fmt.Sprintf("%d differences between %d wanted and %d answered rows:\n%s",
		n, len(want), len(got), strings.Join(errs[:min(n, 10)], "\n"))
}

// index canonises the rows by way of JSON, so that Go values and answers compare.
func index(what string, rows []Row, key []string) (map[string]Row, []string) {
	out := make(map[string]Row, len(rows))
	var errs []string
	for _, r := range rows {
		var c Row
		if err := Decode([]byte(JSON(r)), &c); err != nil {
			errs = append(errs, err.Error())
			continue
		}
		var k []string
		for _, name := range key {
			k = append(k, fmt.Sprintf("%s=%v", name, c[name]))
		}
		id := strings.Join(k, ",")
		if _, twice := out[id]; twice {
			errs = append(errs, fmt.Sprintf("%s twice: %s", what, id))
		}
		out[id] = c
	}
	return out, errs
}
