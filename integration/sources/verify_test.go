package sources

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/integration/harness"
)

// uncompared are the columns that verify may leave out, by their beginnings: what connectors
// make of geometry and composite types follows no rule that their text could be compared by.
var uncompared = []string{"c_box", "c_comp", "c_tsquery"}

// spelled are columns whose values have several texts. Verify takes those for one, and
// another rule compares them here, letter by letter.
var spelled = map[string]string{
	"c_timetz_text": "a time with an offset is reported in UTC",
	"c_num":         "1.10, 1.1 and 11e-1; names of NaN",
	"c_num_12_3":    "NaN, which on_error makes null",
	"c_interval":    "P1M and P0Y1M0D",
	"c_varbit":      "zeros before bits", "c_bit8": "zeros before bits", "c_bit70": "zeros before bits",
	"c_num_arr": "numbers as texts", "c_ts_arr": "instants as numbers",
}

// verified is what verify says of a table, value by value.
type verified struct {
	Skipped     []struct{ Column, Reason string }
	Missing     int
	Unexpected  int
	Undecided   int
	Differences []struct {
		Key     map[string]json.Number
		Columns []struct {
			Column          string
			Database, Table json.RawMessage
		}
	}
}

// verifies compares what verify finds with what this package finds by itself: it reports
// the same values, of every type under every setting, and of nothing else.
func verifies(t *testing.T, p *harness.Process, table, address, source string, found []difference) {
	t.Helper()
	out, code := p.Command("verify", table, "--source", address, "--source-table", source, "-o", "json", "--settle", "1s", "--limit", "100000", "--allow-uncompared")
	var v verified
	if err := harness.Decode(out, &v); err != nil {
		t.Errorf("%s: exit code %d: %v: %s", table, code, err, out)
		return
	}
	if want := map[bool]int{true: 4, false: 0}[len(v.Differences) > 0]; code != want || v.Missing+v.Unexpected+v.Undecided > 0 {
		t.Errorf("%s: exit code %d, want %d: %d missing, %d unexpected, %d undecided", table, code, want, v.Missing, v.Unexpected, v.Undecided)
	}
	left := map[string]bool{}
	for _, s := range v.Skipped {
		left[s.Column] = true
		if !slices.ContainsFunc(uncompared, func(c string) bool { return strings.HasPrefix(s.Column, c) }) {
			t.Errorf("%s: %s is not compared: %s", table, s.Column, s.Reason)
		}
	}
	reported := map[string]string{}
	for _, d := range v.Differences {
		for _, c := range d.Columns {
			reported[fmt.Sprintf("%s.%s", d.Key["id"], c.Column)] = fmt.Sprintf("%s in the database, %s in the table", short(string(c.Database)), short(string(c.Table)))
		}
	}
	for _, d := range found {
		place := d.row + "." + d.column
		if _, is := reported[place]; !is && !left[d.column] && spelled[d.column] == "" && !nothing(d) {
			t.Errorf("%s: verify says nothing of %s: %s, SELECT %s", table, place, short(d.view), short(d.database))
		}
		delete(reported, place)
	}
	for place, what := range reported {
		t.Errorf("%s: verify calls %s different: %s", table, place, what)
	}
}

// nothing reports whether a difference is none to verify: a date that is no date is null in every table.
func nothing(d difference) bool {
	return strings.HasPrefix(d.database, "0000-00-00") && d.view == absent
}
