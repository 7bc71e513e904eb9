package rows

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// question is one thing that users ask, of the store and in SQL, with other values each time.
type question struct {
	name string
	goal time.Duration // of the median in the server; 0: only against the others
	// ask makes the query and the statement; a lookup has no query but a key.
	ask func(r *rand.Rand, rows int) asked
	// runs are how often it is asked: of the store, and of DuckDB.
	runs, duck int
}

// asked is a question with its values.
type asked struct {
	key   tables.Key
	query *query.Query
	sql   string
}

const newestFirst = "created_at DESC, id"

func questions() []question {
	return []question{
		{"key lookup", 20 * time.Microsecond, askKey, 200_000, 300},
		{"sort key, 10 rows", 100 * time.Microsecond, askPage, 20_000, 100},
		{"filter without an index, newest 50 of 2,500", 8 * time.Millisecond, askFilter(colTotal), 200, 40},
		{"the same with `index: true`", 500 * time.Microsecond, askFilter(colWeight), 2_000, 40},
		{"latest 3 of each of 100 customers", time.Millisecond, askLatest, 1_000, 40},
		{"first 50 in the order of an index", 500 * time.Microsecond, askOrder, 2_000, 40},
		{"count and sum by status, all rows", 0, askGroup, 100, 40},
		{"top 10 customers by sum over 30 days", 0, askTop, 60, 20},
		{"distinct customers by country", 0, askDistinct, 60, 10},
	}
}

func all() []query.Output {
	out := make([]query.Output, colReference+1)
	for i := range out {
		out[i] = query.Output{Column: i}
	}
	return out
}

func newest() []query.Order {
	return []query.Order{{Column: colCreated, Descending: true, NullsFirst: true}}
}

func customer(r *rand.Rand, rows int) int64 { return int64(r.IntN(max(rows/perCustomer, 1))) }

func askKey(r *rand.Rand, rows int) asked {
	id := int64(r.IntN(rows))
	return asked{key: tables.EncodeKey(tables.Int64Value(id)), sql: fmt.Sprintf("SELECT * FROM orders WHERE id = %d", id)}
}

func askPage(r *rand.Rand, rows int) asked {
	c := customer(r, rows)
	return asked{
		query: &query.Query{Select: all(), Filter: query.Compare{Column: colCustomer, Value: tables.Int64Value(c)}, Order: newest(), Limit: 10},
		sql:   fmt.Sprintf("SELECT * FROM orders WHERE customer_id = %d ORDER BY %s LIMIT 10", c, newestFirst),
	}
}

func askFilter(column int) func(*rand.Rand, int) asked {
	return func(r *rand.Rand, _ int) asked {
		const part = span / 2_000 // 2,500 of 5 million
		low := r.Int64N(span - part)
		value, text := tables.Int64Value, func(x int64) string { return fmt.Sprint(x) }
		name := "weight"
		if column == colTotal {
			value = func(x int64) tables.Value { return tables.DecimalValue(tables.DecimalFromInt64(x)) }
			name, text = "total", func(x int64) string { return fmt.Sprintf("%d.%02d", x/100, x%100) }
		}
		return asked{
			query: &query.Query{Select: all(), Order: newest(), Limit: 50, Filter: query.And{
				query.Compare{Column: column, Op: query.Gte, Value: value(low)}, query.Compare{Column: column, Op: query.Lt, Value: value(low + part)},
			}},
			sql: fmt.Sprintf("SELECT * FROM orders WHERE %s >= %s AND %s < %s ORDER BY %s LIMIT 50", name, text(low), name, text(low+part), newestFirst),
		}
	}
}

func askLatest(r *rand.Rand, rows int) asked {
	in, texts := query.In{Column: colCustomer}, make([]string, 100)
	for i := range texts {
		c := customer(r, rows)
		in.Values, texts[i] = append(in.Values, tables.Int64Value(c)), fmt.Sprint(c)
	}
	return asked{
		query: &query.Query{Select: all(), Filter: in, Order: newest(), Limit: 300, LimitBy: &query.LimitBy{Columns: []int{colCustomer}, N: 3}},
		sql: fmt.Sprintf("SELECT * EXCLUDE n FROM (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY %s) AS n FROM orders"+
			" WHERE customer_id IN (%s)) WHERE n <= 3 ORDER BY %s", newestFirst, strings.Join(texts, ","), newestFirst),
	}
}

func askOrder(*rand.Rand, int) asked {
	return asked{
		query: &query.Query{Select: all(), Order: []query.Order{{Column: colWeight, Descending: true, NullsFirst: true}}, Limit: 50},
		sql:   "SELECT * FROM orders ORDER BY weight DESC, id LIMIT 50",
	}
}

func askGroup(*rand.Rand, int) asked {
	return asked{
		query: &query.Query{Limit: 100, Select: []query.Output{
			{Column: colStatus}, {Column: -1, Aggregate: query.Count}, {Column: colTotal, Aggregate: query.Sum},
		}},
		sql: "SELECT status, count(*), sum(total)::VARCHAR FROM orders GROUP BY 1 ORDER BY 1",
	}
}

func askTop(r *rand.Rand, _ int) asked {
	from := (firstSecond + r.Int64N(days-30)*86_400) * 1_000_000
	return asked{
		query: &query.Query{
			Limit: 10, Select: []query.Output{{Column: colCustomer}, {Column: colTotal, Aggregate: query.Sum}},
			Order: []query.Order{{Column: 1, Descending: true, NullsFirst: true}},
			Filter: query.And{
				query.Compare{Column: colCreated, Op: query.Gte, Value: tables.TimestampValue(from)},
				query.Compare{Column: colCreated, Op: query.Lt, Value: tables.TimestampValue(from + 30*day)},
			},
		},
		sql: fmt.Sprintf("SELECT customer_id, sum(total)::VARCHAR FROM orders WHERE created_at >= make_timestamp(%d) AND created_at < make_timestamp(%d)"+
			" GROUP BY 1 ORDER BY sum(total) DESC, 1 LIMIT 10", from, from+30*day),
	}
}

func askDistinct(*rand.Rand, int) asked {
	return asked{
		query: &query.Query{Limit: 100, Select: []query.Output{{Column: colCountry}, {Column: colCustomer, Aggregate: query.CountDistinct}}},
		sql:   "SELECT country, count(DISTINCT customer_id) FROM orders GROUP BY 1 ORDER BY 1",
	}
}

// narrowed asks the same of the table that Narrow declares.
func narrowed(ask func(*rand.Rand, int) asked) func(*rand.Rand, int) asked {
	places := map[int]int{colID: 0, colCustomer: 1, colTotal: 2, colCreated: 3}
	return func(r *rand.Rand, rows int) asked {
		a := ask(r, rows)
		if a.query == nil {
			return a
		}
		q := *a.query
		q.Select = all()[:len(places)]
		q.Order = []query.Order{{Column: places[colCreated], Descending: true, NullsFirst: true}}
		if parts, ok := q.Filter.(query.And); ok {
			var moved query.And
			for _, p := range parts {
				c := p.(query.Compare)
				c.Column = places[c.Column]
				moved = append(moved, c)
			}
			q.Filter = moved
		}
		a.query = &q
		return a
	}
}
