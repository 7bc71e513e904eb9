package sources

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidemark/tidemark/integration/harness"
	"github.com/tidemark/tidemark/integration/stack"
)

// Servers are the ones that recipes are followed on.
type Servers struct {
	Kafka    string // bootstrap list
	Postgres *stack.Postgres
	MariaDB  *stack.MariaDB
	Connect  *stack.Connect // with the plugins debezium-postgres and debezium-mariadb
}

// Captured is what came of a recipe.
type Captured struct {
	Recipe Recipe
	Events []harness.Event
	Rows   []map[string]any // of the database, and the stale ones of the topic
}

// Follow follows the recipe. The context bounds every wait in it.
func (s Servers) Follow(ctx context.Context, r Recipe) (Captured, error) {
	c := Captured{Recipe: r}
	if err := s.exec(ctx, r, r.before); err != nil {
		return c, fmt.Errorf("before the connector: %w", err)
	}
	topic := newTopic(s.Kafka, r.topic())
	defer topic.close()
	connector := r.Name
	if err := s.connect(ctx, r, connector, stack.Slot(r.Name)); err != nil {
		return c, err
	}
	if err := topic.wait(ctx, r.snapshot); err != nil {
		return c, fmt.Errorf("the snapshot: %w", err)
	}
	for i := range r.steps {
		var err error
		if connector, err = s.step(ctx, r, i, connector, topic); err != nil {
			return c, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	rows, err := s.rows(ctx, r)
	if err != nil {
		return c, err
	}
	if err := topic.complete(ctx, r.last, keysOf(rows, r.key)); err != nil {
		return c, err
	}
	if err := s.Connect.Delete(ctx, connector); err != nil {
		return c, err
	}
	c.Events = topic.events()
	c.Rows, err = r.withStale(rows)
	return c, err
}

// step runs a step of a recipe, without the connector where that is away, and returns the one that follows then.
func (s Servers) step(ctx context.Context, r Recipe, i int, connector string, topic *topic) (string, error) {
	step, before := r.steps[i], int64(len(topic.records))
	if step.away {
		if err := s.Connect.Delete(ctx, connector); err != nil {
			return "", err
		}
	}
	if err := s.exec(ctx, r, step.sql); err != nil {
		return "", err
	}
	if step.away {
		connector += "-" + strconv.Itoa(i+1)
		if err := s.connect(ctx, r, connector, stack.Slot(connector)); err != nil {
			return "", err
		}
	}
	return connector, topic.wait(ctx, before+step.records)
}

func (r Recipe) topic() string {
	if r.mariadb {
		return r.Name + ".shop." + r.Name
	}
	return r.Name + ".public." + r.Name
}

func (s Servers) exec(ctx context.Context, r Recipe, sql string) error {
	sql = strings.ReplaceAll(sql, "<table>", r.Name)
	if r.mariadb {
		return s.MariaDB.Exec(ctx, sql)
	}
	return s.Postgres.Exec(ctx, sql)
}

func (s Servers) connect(ctx context.Context, r Recipe, connector, slot string) error {
	var config map[string]string
	if r.mariadb {
		config = s.MariaDB.Debezium(r.Name, s.Kafka, 301, "shop."+r.Name)
	} else {
		config = s.Postgres.Debezium(r.Name, "public."+r.Name)
		config["slot.name"], config["publication.name"] = slot, slot
	}
	config["topic.creation.default.partitions"] = strconv.Itoa(r.partitions)
	config = r.settings.apply(config)
	maps.Copy(config, r.more)
	if signals := r.more["signal.data.collection"]; signals != "" {
		config["table.include.list"] += "," + signals
	}
	if err := s.Connect.Create(ctx, connector, config); err != nil {
		return err
	}
	if r.mariadb {
		return s.Connect.WaitRunning(ctx, connector)
	}
	return s.Connect.WaitConnector(ctx, connector, s.Postgres, slot)
}

// rows are what SELECT gives, in the forms of Tidemark's types.
func (s Servers) rows(ctx context.Context, r Recipe) ([]map[string]any, error) {
	var list []string
	for _, c := range r.columns {
		list = append(list, c.selected(r.settings))
	}
	sql := "SELECT " + strings.Join(list, ", ") + " FROM " + r.Name + " ORDER BY 1"
	rows, err := s.query(ctx, r, sql)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, row := range rows {
		values := map[string]any{}
		for i, c := range r.columns {
			if values[c.name], err = c.member(r.settings, row[i]); err != nil {
				return nil, fmt.Errorf("row %s, column %s: %w", row[0], c.name, err)
			}
		}
		out = append(out, values)
	}
	return out, nil
}

func (s Servers) query(ctx context.Context, r Recipe, sql string) ([][][]byte, error) {
	if r.mariadb {
		return QueryMariaDB(ctx, s.MariaDB, sql)
	}
	return QueryPostgres(ctx, s.Postgres, sql)
}

// QueryPostgres returns rows as the server prints their values, nil for null. Of several statements the last
// one's rows count.
func QueryPostgres(ctx context.Context, db *stack.Postgres, sql string) ([][][]byte, error) {
	conn, err := pgx.Connect(ctx, db.DSN)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	return results[len(results)-1].Rows, nil
}

// QueryMariaDB returns rows as the server prints their values, nil for null.
func QueryMariaDB(ctx context.Context, server *stack.MariaDB, sql string) ([][][]byte, error) {
	db, err := server.Open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out [][][]byte
	for rows.Next() {
		row, into := make([][]byte, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// captureTimeout bounds one recipe: what a busy machine takes, many times over.
const captureTimeout = 3 * time.Minute
