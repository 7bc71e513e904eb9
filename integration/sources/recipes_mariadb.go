package sources

func mariadbRecipe() Recipe {
	return Recipe{
		Name: "captured_mariadb_types", About: "MariaDB: unsigned integers as decimals, bits, sets, zoned timestamps, a snapshot, changes, a key change and ALTER TABLE in mid-stream, over two partitions.",
		mariadb: true, settings: Settings{Time: "adaptive_time_microseconds", Unsigned: "precise", KeepNull: true}, partitions: 2, key: []string{"id"},
		columns: parseColumns(`
id | int64 |
big | decimal(20,0) | unsigned |
n | decimal(38,10) | decimal |
d | date | date | datediff(d, '1970-01-01')
dt | timestamp | millis | timestampdiff(MICROSECOND, '1970-01-01', dt)
dt6 | timestamp | micros | timestampdiff(MICROSECOND, '1970-01-01', dt6)
ts | timestamp | timestamp | timestampdiff(MICROSECOND, '1970-01-01', ts)
raw | bytes | binary | to_base64(raw)
b | int64 | bits | b + 0
s | string |
j | json | longtext |
v | string |
added | int64 |
`),
		before: `CREATE TABLE <table> (id int PRIMARY KEY, big bigint unsigned, n decimal(38,10), d date, dt datetime, dt6 datetime(6), ts timestamp NULL, raw varbinary(20),
  b bit(8), s set('a', 'b', 'c'), j json, v varchar(20) DEFAULT 'dd');
INSERT INTO <table> VALUES
  (1, 18446744073709551615, 1234567890.0123456789, '2024-02-29', '2024-02-29 12:34:56', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56', x'00ff10fe', b'10101010', 'a,c', '{"a": [1, 2.50, null]}', 'one'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 0, -0.0000000001, '1000-01-01', '1000-01-01 00:00:00', '1969-12-31 23:59:59.999999', '1970-01-01 00:00:01', '', b'0', '', '[]', '☃')`,
		snapshot: 3,
		steps: []step{{sql: `INSERT INTO <table> SELECT id + 100, big, n, d, dt, dt6, ts, raw, b, s, j, v FROM <table> WHERE id < 100;
UPDATE <table> SET v = 'changed' WHERE id IN (1, 101);
DELETE FROM <table> WHERE id = 3;
UPDATE <table> SET id = 201 WHERE id = 101;
ALTER TABLE <table> ADD COLUMN added int, MODIFY COLUMN v varchar(200);
UPDATE <table> SET added = 8 WHERE id = 2;
INSERT INTO <table> (id, v) VALUES (999, 'the last')`}},
		last: "the last",
	}
}
