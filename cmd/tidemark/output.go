package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// outputFormat is the value of the flag -o.
type outputFormat string

const (
	outputTable outputFormat = "table"
	outputJSON  outputFormat = "json"
	outputCSV   outputFormat = "csv"
)

// String, Set and Type make it a flag's value that refuses other words.
func (f *outputFormat) String() string { return string(*f) }

// Set takes one of the formats.
func (f *outputFormat) Set(s string) error {
	if !slices.Contains([]outputFormat{outputTable, outputJSON, outputCSV}, outputFormat(s)) {
		return fmt.Errorf("want table, json or csv")
	}
	*f = outputFormat(s)
	return nil
}

// Type names the value in the help.
func (f *outputFormat) Type() string { return "format" }

func outputFlag(cmd *cobra.Command) *outputFormat {
	f := outputTable
	cmd.Flags().VarP(&f, "output", "o", "table, json or csv")
	return &f
}

// write writes JSON objects in the format: as JSON they stay what they were, one
// alone or an array; else their members of the given names are columns.
func (f outputFormat) write(w io.Writer, columns []string, objects []json.RawMessage, single bool) error {
	if f == outputJSON {
		return writeJSON(w, objects, single)
	}
	lines := [][]string{columns}
	for _, raw := range objects {
		var o map[string]json.RawMessage
		if err := json.Unmarshal(raw, &o); err != nil {
			return fmt.Errorf("read an object of the answer: %w", err)
		}
		line := make([]string, len(columns))
		for i, name := range columns {
			line[i] = plain(o[name])
		}
		lines = append(lines, line)
	}
	if f == outputCSV {
		c := csv.NewWriter(w)
		return c.WriteAll(lines)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		for i, cell := range line {
			line[i] = strings.Join(strings.Fields(cell), " ") // no tab or line break of the data breaks the table
		}
		fmt.Fprintln(t, strings.Join(line, "\t"))
	}
	return t.Flush()
}

// writeOne writes one object. A line that a terminal would break is written as a line for
// each member instead.
func (p *program) writeOne(format outputFormat, columns []string, object json.RawMessage) error {
	width := terminalWidth(p.stdout)
	if format != outputTable || width == 0 {
		return format.write(p.stdout, columns, []json.RawMessage{object}, true)
	}
	var line bytes.Buffer
	if err := format.write(&line, columns, []json.RawMessage{object}, true); err != nil {
		return err
	}
	if widest(line.String()) <= width {
		_, err := line.WriteTo(p.stdout)
		return err
	}
	return writeVertical(p.stdout, columns, object)
}

func widest(text string) int {
	most := 0
	for l := range strings.Lines(text) {
		most = max(most, utf8.RuneCountInString(strings.TrimRight(l, "\n")))
	}
	return most
}

// writeVertical writes a line for each member: its name, and its value.
func writeVertical(w io.Writer, columns []string, object json.RawMessage) error {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(object, &o); err != nil {
		return fmt.Errorf("read an object of the answer: %w", err)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range columns {
		fmt.Fprintf(t, "%s\t%s\n", name, strings.Join(strings.Fields(plain(o[name])), " "))
	}
	return t.Flush()
}

func writeJSON(w io.Writer, objects []json.RawMessage, single bool) error {
	if single && len(objects) == 1 {
		_, err := fmt.Fprintf(w, "%s\n", bytes.TrimSpace(objects[0]))
		return err
	}
	if objects == nil {
		objects = []json.RawMessage{}
	}
	out, err := json.Marshal(objects)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", out)
	return err
}

// plain writes a JSON value as a cell: texts without quotes, null as nothing.
func plain(raw json.RawMessage) string {
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw)
}

// memberNames returns the names of an object's members in its order.
func memberNames(raw json.RawMessage) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("the answer is no object: %.60s", raw)
	}
	var out []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return nil, err
		}
		out = append(out, name.(string))
	}
	return out, nil
}
