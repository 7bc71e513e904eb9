package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
)

// report writes what was found: complete as JSON and CSV, else grouped. What the
// configuration ignores is counted only.
func (p *program) report(format outputFormat, all []checkup.Finding, ignored int) error {
	problems := checkup.Problems(all)
	p.say("%s", summary(problems, len(all)-problems, ignored))
	if format != outputTable {
		objects := make([]json.RawMessage, len(all))
		for i, f := range checkup.Sorted(all) {
			raw, err := json.Marshal(f)
			if err != nil {
				return err
			}
			objects[i] = raw
		}
		return format.write(p.stdout, []string{"level", "subject", "what", "remedy", "finding"}, objects, false)
	}
	groups := checkup.Groups(all)
	if !isTerminal(p.stdout) {
		for _, g := range groups {
			if _, err := fmt.Fprintln(p.stdout, plainFinding(g)); err != nil {
				return err
			}
		}
		return nil
	}
	writeFindings(p.stdout, groups, columnsOf(p.stdout))
	if len(all) > problems {
		p.say("a note that was answered is left out with check.ignore in the configuration, by the name in brackets")
	}
	return nil
}

// summary is the first line of talk.
func summary(problems, notes, ignored int) string {
	out := checkup.Count(problems, "problem") + ", " + checkup.Count(notes, "note")
	if ignored > 0 {
		out += fmt.Sprintf(", %d ignored", ignored)
	}
	return out
}

// plainFinding is a finding on one line, for programs that read lines.
func plainFinding(g checkup.Group) string {
	line := fmt.Sprintf("%s %s %s: %s; remedy: %s", g.Level, g.ID, strings.Join(g.Subjects, ","), g.What, g.Remedy)
	return strings.Join(strings.Fields(line), " ")
}

// writeFindings writes a paragraph for each finding.
func writeFindings(w io.Writer, groups []checkup.Group, width int) {
	for _, g := range groups {
		fmt.Fprintf(w, "%s  %s  [%s]\n", g.Level, named(g.Subjects), g.ID)
		wrap(w, g.What, "  ", width)
		wrap(w, "-> "+g.Remedy, "  ", width)
		fmt.Fprintln(w)
	}
}

// named lists subjects, the first few by name.
func named(subjects []string) string {
	const most = 5
	if len(subjects) <= most+1 {
		return strings.Join(subjects, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(subjects[:most], ", "), len(subjects)-most)
}

// wrap writes a text in lines of at most width columns. A longer word has a line of its own.
func wrap(w io.Writer, text, indent string, width int) {
	line := indent
	for _, word := range strings.Fields(text) {
		switch {
		case line == indent:
			line += word
		case len([]rune(line))+1+len([]rune(word)) > width:
			fmt.Fprintln(w, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(w, line)
}
