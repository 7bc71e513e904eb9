package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/verify"
)

// tell writes what was found: all of it as JSON, else the differences, a line a column.
func (p *program) tell(r *verify.Report, format outputFormat) error {
	for _, s := range r.Skipped {
		p.say("column %s was not compared: %s", s.Column, s.Reason)
	}
	for _, line := range verifySummary(r) {
		p.say("%s", line)
	}
	if format == outputJSON {
		out, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return writeJSON(p.stdout, []json.RawMessage{out}, true)
	}
	if len(r.Differences) == 0 && format == outputTable {
		return nil
	}
	type line struct {
		Kind     verify.Kind     `json:"kind"`
		Key      json.RawMessage `json:"key"`
		Column   string          `json:"column"`
		Database json.RawMessage `json:"database"`
		Table    json.RawMessage `json:"table"`
		Note     string          `json:"note"`
	}
	var objects []json.RawMessage
	for _, d := range r.Differences {
		lines := []line{{Kind: d.Kind, Key: d.Key}}
		if len(d.Columns) > 0 {
			lines = nil
		}
		for _, c := range d.Columns {
			lines = append(lines, line{d.Kind, d.Key, c.Column, c.Database, c.Table, c.Note})
		}
		for _, l := range lines {
			raw, err := json.Marshal(l)
			if err != nil {
				return err
			}
			objects = append(objects, raw)
		}
	}
	return format.write(p.stdout, []string{"kind", "key", "column", "database", "table", "note"}, objects, false)
}

// verifySummary says in lines what a comparison found, and what it did not look at.
func verifySummary(r *verify.Report) []string {
	rows := checkup.Count(int(r.Rows), "row") + " of " + r.Source
	if r.Stopped == "" {
		rows += " and " + checkup.Count(int(r.TableRows), "row") + " of " + r.Table
	}
	lines := []string{fmt.Sprintf("%s compared in %.1f s: %d missing, %d unexpected, %d different, %d doubled, %d undecided",
		rows, r.Elapsed, r.Missing, r.Unexpected, r.Different, r.Duplicates, r.Undecided)}
	if r.NoKey > 0 {
		lines = append(lines, checkup.Count(int(r.NoKey), "row")+" of "+r.Source+" with a null in the key: no table can have them")
	}
	if r.ForeignKeys > 0 {
		lines = append(lines, checkup.Count(int(r.ForeignKeys), "row")+" of "+r.Source+" with a key that its declared type cannot hold: no table can have them; declare the type that the key has now")
	}
	if len(r.Columns) > 0 {
		var counts []string
		for _, c := range r.Columns {
			counts = append(counts, fmt.Sprintf("%d x %s", c.Different, c.Column))
		}
		lines = append(lines, "different by column: "+strings.Join(counts, ", "))
	}
	for _, told := range []string{r.Key, r.Stopped} {
		if told != "" {
			lines = append(lines, told)
		}
	}
	return lines
}
