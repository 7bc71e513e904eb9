package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
)

func notesOf(tables int) []checkup.Finding {
	var out []checkup.Finding
	for i := range tables {
		out = append(out, checkup.Finding{
			ID: findings.TruncateUnseen, Level: checkup.Note, Subject: fmt.Sprintf("t%03d", i),
			What: strings.Repeat("connectors skip TRUNCATE ", 12), Remedy: strings.Repeat("set it ", 30),
		})
	}
	return append(out, checkup.Finding{ID: findings.SourceMissing, Level: checkup.Problem, Subject: "z", What: "no topic", Remedy: "make it"})
}

func TestFindingsAreParagraphsOnATerminal(t *testing.T) {
	var out bytes.Buffer
	writeFindings(&out, checkup.Groups(notesOf(200)), 80)
	lines := strings.Split(out.String(), "\n")
	for _, l := range lines {
		if len(l) > 80 {
			t.Errorf("%d columns: %s", len(l), l)
		}
	}
	if len(lines) > 20 || lines[0] != "problem  z  [source-missing]" || !strings.Contains(out.String(), "t004 and 195 more") {
		t.Errorf("it is\n%s", out.String())
	}
}

func TestFindingsAreOneLineEachElsewhereAndCompleteAsJSON(t *testing.T) {
	var out, talk bytes.Buffer
	p := &program{stdout: &out, stderr: &talk}
	if err := p.report(outputTable, notesOf(2), 3); err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSpace(out.String()), "\n"); len(got) != 2 || got[0] != "problem source-missing z: no topic; remedy: make it" ||
		!strings.HasPrefix(got[1], "note truncate-unseen t000,t001: connectors skip") {
		t.Errorf("it is\n%s", out.String())
	}
	if got := talk.String(); got != "1 problem, 2 notes, 3 ignored\n" {
		t.Errorf("it says %q", got)
	}
	out.Reset()
	if err := p.report(outputJSON, notesOf(2), 0); err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	if err := json.Unmarshal(out.Bytes(), &all); err != nil || len(all) != 3 || all[2]["finding"] != "truncate-unseen" || all[2]["subject"] != "t001" {
		t.Errorf("%v: %s", err, out.String())
	}
}
