package sources

// Recipe makes one captured scenario of the conformance suite again: what is done to a real database behind a real
// connector, and the table that a consumer declares for the topic.
type Recipe struct {
	Name  string // of the scenario and of its table
	About string

	settings    Settings
	mariadb     bool
	partitions  int
	partitioner string            // of the table's source
	more        map[string]string // of the connector's configuration
	key         []string
	columns     []column
	before      string // statements before the connector comes; <table> stands for the table
	snapshot    int64  // records of the connector's snapshot
	steps       []step
	last        string // is in the last record's value, and in no other's
	stale       string // rows, as a JSON array, that the topic has and the database has not
}

// step is what happens next at the source.
type step struct {
	sql     string
	away    bool  // the connector is deleted before, and another with the same topics comes behind
	records int64 // the topic has so many more records before what comes next
}

// Recipes are all of them.
func Recipes() []Recipe {
	return append(postgresRecipes(), mariadbRecipe())
}

// kinds is a table of the types that settings write in different ways. No value is one that a connector loses.
const kinds = `CREATE EXTENSION IF NOT EXISTS hstore;
CREATE TABLE <table> (id int PRIMARY KEY, d date, t time, t3 time(3), ts timestamp, ts3 timestamp(3), tz timestamptz,
  n numeric(12,3), big numeric(38,10), raw bytea, iv interval, h hstore, j jsonb, b bit(8), v text);
INSERT INTO <table> VALUES
  (1, '2024-02-29', '12:34:56.789012', '12:34:56.789', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012+02:30',
   12345.678, 1234567890.0123456789, '\x00ff10fe', '1 year 2 mons 3 days 04:05:06.789012', '"a"=>"1", "b"=>NULL', '{"a": [1, 2.50, null]}', B'10101010', 'one'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, '1970-01-01', '00:00:00', '00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00+00', 0, -0.0000000001, '\x', '00:00:00.000001', '', '{}', B'10000001', ''),
  (4, '1969-12-31', '23:59:59.999999', '23:59:59.999', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999999+00', -0.001, 1, '\xfbefbe', '-1 days', '"k"=>"v"', '[]', B'11111111', '☃')`

const kindColumns = `
id | int64 |
d | date | date | d - date '1970-01-01'
t | time | time | (extract(epoch FROM t) * 1e6)::bigint
t3 | time | seconds | (extract(epoch FROM t3) * 1e6)::bigint
ts | timestamp | micros | (extract(epoch FROM ts) * 1e6)::bigint
ts3 | timestamp | millis | (extract(epoch FROM ts3) * 1e6)::bigint
tz | timestamp | zoned | (extract(epoch FROM tz) * 1e6)::bigint
n | decimal(12,3) | decimal |
big | decimal(38,10) | decimal |
raw | bytes | binary | replace(encode(raw, 'base64'), E'\n', '')
h | json | hstore | hstore_to_jsonb(h)
j | json | document |
v | string |
`

// kindSteps stream the rows again and change them in every way.
func kindSteps() []step {
	return []step{{sql: `INSERT INTO <table> SELECT id + 100, d, t, t3, ts, ts3, tz, n, big, raw, iv, h, j, b, v FROM <table> WHERE id < 100 ORDER BY id;
UPDATE <table> SET v = 'changed' WHERE id IN (1, 101);
UPDATE <table> SET d = NULL, t = NULL, n = NULL, raw = NULL, h = NULL WHERE id = 104;
DELETE FROM <table> WHERE id IN (3, 102);
INSERT INTO <table> (id, v) VALUES (3, 'inserted again');
UPDATE <table> SET id = 204 WHERE id = 4;
INSERT INTO <table> (id, v) VALUES (999, 'the last')`}}
}

func kindRecipe(name, about string, s Settings) Recipe {
	return Recipe{
		Name: name, About: about, settings: s, partitions: 1, key: []string{"id"}, columns: parseColumns(kindColumns),
		before: kinds, snapshot: 4, steps: kindSteps(), last: "the last",
	}
}
