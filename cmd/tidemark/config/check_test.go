package config_test

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
	"github.com/tidemark/tidemark/cmd/tidemark/findings"
)

func withIgnored(list string) string {
	return `
kafka: {brokers: ["localhost:9092"]}
check: {ignore: ` + list + `}
tables:
  - {name: orders, source: {topic: t, format: upsert-json}, key: [id], columns: [{name: id, type: int64}]}
`
}

func TestAnsweredNotesAreRead(t *testing.T) {
	c, err := config.Parse("x", []byte(withIgnored("[{finding: no-schema, table: orders}, {finding: truncate-unseen}]")), environment)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Ignore) != 2 || c.Ignore[0] != (config.Ignored{Finding: findings.NoSchema, Table: "orders"}) || c.Ignore[1].Table != "" {
		t.Errorf("%+v", c.Ignore)
	}
}

func TestAnsweredNotesThatThereCannotBe(t *testing.T) {
	for list, want := range map[string]string{
		"[{finding: no-shema, table: orders}]":    `check.ignore[0].finding: "no-shema" is no finding; did you mean no-schema?`,
		"[{finding: no-schema, table: ordres}]":   `check.ignore[0].table: "ordres" is no table; did you mean orders?`,
		"[{finding: dead-letters}]":               "only notes can be ignored",
		"[{table: orders}]":                       "finding is missing",
		"[{finding: no-schema, tables: orders}]":  "unknown key; did you mean table?",
		"[no-schema]":                             "want keys and values",
		"{finding: no-schema}":                    "want a list",
		"[{finding: [no-schema], table: orders}]": "check.ignore[0].finding",
	} {
		if _, err := config.Parse("x", []byte(withIgnored(list)), environment); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", list, err, want)
		}
	}
}
