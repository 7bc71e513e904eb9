package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

// sourcePages are the pages that have a connector and a table to copy.
var sourcePages = []string{
	"docs/sources/postgresql.md", "docs/sources/mysql.md", "docs/sources/sqlserver.md",
	"docs/sources/oracle.md", "docs/sources/mongodb.md", "docs/sources/others.md",
}

var block = regexp.MustCompile("(?ms)^```(json|yaml)\n(.*?)^```$")

// blocks returns the code blocks of a page in the given language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	return out
}

// TestEverySourcePageIsChecked finds pages that are missing in the list.
func TestEverySourcePageIsChecked(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/sources/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := "docs/sources/" + filepath.Base(f)
		if name != "docs/sources/tests.md" && !slices.Contains(sourcePages, name) {
			t.Errorf("%s is not among the pages whose examples are loaded", name)
		}
	}
}

// TestExamplesOfSourcesLoad loads each tidemark.yaml and each connector's settings of the pages
// as they are there. A table reads a topic that the page's connector writes.
func TestExamplesOfSourcesLoad(t *testing.T) {
	for _, name := range sourcePages {
		text := page(t, name)
		var connectors []map[string]string
		for _, b := range blocks(text, "json") {
			c := settings(t, name, b)
			if c["connector.class"] != "" {
				connectors = append(connectors, c)
			}
		}
		if len(connectors) != 1 && name != "docs/sources/others.md" {
			t.Errorf("%s has %d connectors, want one", name, len(connectors))
		}
		examples := blocks(text, "yaml")
		if len(examples) == 0 {
			t.Errorf("%s has no tidemark.yaml", name)
		}
		for _, b := range examples {
			c, err := config.Parse(name, []byte(b), os.LookupEnv)
			if err != nil {
				t.Errorf("%v\n%s", err, b)
				continue
			}
			for _, table := range c.Tables {
				for _, connector := range connectors {
					writes(t, name, connector, table.Source.Topic)
				}
			}
		}
	}
}

// needed are the settings that each page's connector has, whatever the database.
var needed = []string{
	"topic.prefix", "snapshot.mode", "tombstones.on.delete", "heartbeat.interval.ms", "key.converter", "key.converter.schemas.enable", "value.converter.schemas.enable",
	"topic.creation.default.partitions", "topic.creation.default.retention.ms", "topic.creation.heartbeat.include",
}

// TestSourcePagesHaveAllThatATableNeeds looks for the parts that a person follows one after the other.
func TestSourcePagesHaveAllThatATableNeeds(t *testing.T) {
	for _, name := range sourcePages {
		if name == "docs/sources/others.md" {
			continue // of several programs, each with its own needs
		}
		text := page(t, name)
		var titles []string
		for _, h := range heading.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			titles = append(titles, h[1])
		}
		for _, title := range []string{"1. The database", "2. The connector", "3. The table", "First calls", "4. Read your own write", "5. Schema changes", "What was run"} {
			if !slices.Contains(titles, title) {
				t.Errorf("%s has no heading %q", name, title)
			}
		}
		if !strings.Contains(text, "is lost or changed |") {
			t.Errorf("%s does not say what is lost", name)
		}
		connector := settings(t, name, blocks(text, "json")[0])
		for _, s := range needed {
			if connector[s] == "" {
				t.Errorf("%s: the connector does not set %s", name, s)
			}
		}
	}
}

// settings reads a connector's configuration: names and texts, a line each, none of them twice.
func settings(t *testing.T, name, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
	if lines := strings.Count(text, "\n") - 2; lines != len(out) {
		t.Errorf("%s: %d settings in %d lines: one stands twice", name, len(out), lines)
	}
	return out
}

// writes checks that a connector writes to a topic: its prefix, and the name of one of its tables.
func writes(t *testing.T, name string, connector map[string]string, topic string) {
	t.Helper()
	below, ok := strings.CutPrefix(topic, connector["topic.prefix"]+".")
	list := connector["table.include.list"] + connector["collection.include.list"]
	ok = ok && slices.ContainsFunc(strings.Split(list, ","), func(table string) bool {
		return below == table || below == connector["database.names"]+"."+table
	})
	if !ok {
		t.Errorf("%s: the connector with the tables %s does not write to %s", name, list, topic)
	}
}

var (
	anchored = regexp.MustCompile(`\]\(([^)#:]*)#([^)]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinksLeadToHeadingsThatThereAre follows each link into a page.
func TestLinksLeadToHeadingsThatThereAre(t *testing.T) {
	for _, name := range pages {
		for _, m := range anchored.FindAllStringSubmatch(page(t, name), -1) {
			to := name
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(name), m[1])
			}
			text := block.ReplaceAllString(page(t, to), "")
			if !slices.ContainsFunc(heading.FindAllStringSubmatch(text, -1), func(h []string) bool { return anchor(h[1]) == m[2] }) {
				t.Errorf("%s: %s has no heading %s", name, to, m[2])
			}
		}
	}
}

// anchor is what GitHub calls a heading by.
func anchor(title string) string {
	return strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}
