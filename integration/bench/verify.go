package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/integration/stack"
	"github.com/tidemark/tidemark/tables"
)

const verifyRows = 200_000

// verify measures how fast a table is compared with a real PostgreSQL: when every row is as it is there, and
// when every one differs and none of the differences ends the comparison.
func (b *bench) verify(ctx context.Context) error {
	pg, err := stack.StartPostgres(ctx, stack.Options{})
	if err != nil {
		return err
	}
	defer pg.Close()
	for _, table := range []string{"same", "other"} {
		sql := fmt.Sprintf(`CREATE TABLE %s (id int PRIMARY KEY, v text, n int);
			INSERT INTO %[1]s SELECT i, 'as it is there ' || i, i * 7 FROM generate_series(1, %d) i`, table, verifyRows)
		if err := pg.Exec(ctx, sql); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\n### verify against PostgreSQL, %d rows of three columns\n\n", verifyRows)
	fmt.Fprintln(b.out, "| rows | rows/s (goal >= 20,000 when all differ) | found |\n|---|---|---|")
	for _, c := range []struct{ table, text, what string }{
		{"same", "as it is there", "all alike"}, {"other", "as it is not", "all different"},
	} {
		found, err := b.compare(ctx, pg.DSN, c.table, c.text)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %.0f | %d different of %d |\n", c.what, float64(found.Rows)/found.Elapsed, found.Different, found.Rows)
	}
	return nil
}

// comparison is what tidemark verify says.
type comparison struct {
	Rows      int64
	Different int64
	Elapsed   float64 `json:"elapsed"`
}

func (b *bench) compare(ctx context.Context, dsn, table, text string) (out comparison, err error) {
	topic := "verify.public." + table
	if err := b.sendTexts(ctx, topic, text); err != nil {
		return out, err
	}
	dir := filepath.Join(b.dir, table)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return out, err
	}
	p, err := b.tidemark(ctx, &tables.Table{
		Name: table, Source: tables.Source{Topic: topic, Format: tables.UpsertJSON}, Key: []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}},
			{Name: "n", Type: tables.Type{Kind: tables.Int64}},
		},
		Document: tables.DocumentDrop, Batch: tables.BatchPolicy{Schedule: "0 0 1 1 *"},
	}, []string{"processor", "view"}, dir)
	if err != nil {
		return out, err
	}
	if err := p.ready(ctx); err != nil {
		return out, err
	}
	cmd := exec.CommandContext(ctx, b.binary, "verify", table, "-c", filepath.Join(dir, "tidemark.yaml"), "--source", dsn, "-o", "json",
		"--settle", "100ms", "--limit", strconv.Itoa(2*verifyRows))
	cmd.Stderr = b.talk
	answer, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && !(errors.As(err, &ended) && ended.ExitCode() == 4) {
		return out, fmt.Errorf("tidemark verify: %w", err)
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, fmt.Errorf("tidemark verify said %.200s: %w", answer, err)
	}
	_, err = p.stop(time.Now())
	return out, err
}

// sendTexts produces the rows that are compared.
func (b *bench) sendTexts(ctx context.Context, topic, text string) error {
	if err := b.topic(ctx, topic); err != nil {
		return err
	}
	c, err := b.producer()
	if err != nil {
		return err
	}
	defer c.Close()
	id := 0
	_, err = send(ctx, c, topic, func() []load.Event {
		if id++; id > verifyRows {
			return nil
		}
		return []load.Event{{Key: fmt.Appendf(nil, `{"id":%d}`, id), Value: fmt.Appendf(nil, `{"id":%d,"v":"%s %d","n":%d}`, id, text, id, id*7)}}
	})
	return err
}
