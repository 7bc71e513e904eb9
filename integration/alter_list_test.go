package integration

import "slices"

// twoRows are enough for most: the first is touched after the change, the second is not.
const twoRows = `CREATE TABLE {t} (id int PRIMARY KEY, v text); INSERT INTO {t} VALUES (1, 'a'), (2, 'b')`

const idAndV = "id int64; v string"

// alterations are changes of schemas that people make, with all that is promised of each.
var alterations = slices.Concat(columnAlterations, typeAlterations, keyAlterations, tableAlterations)

// columnAlterations add columns, take them away, or let their types hold more.
var columnAlterations = []alteration{
	{
		name: "dropped", first: 2, declared: declaration{"id", "id int64; v string; gone string"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, v text, gone text NOT NULL); INSERT INTO {t} VALUES (1, 'a', 'x'), (2, 'b', 'y')`,
		alter:  `ALTER TABLE {t} DROP COLUMN gone; UPDATE {t} SET v = 'A' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"v":"A","gone":null},{"id":2,"v":"b","gone":"y"}]`, reasons: "schema-drift", problems: "column-gone", verify: 4},
		bare:   &outcome{rows: `[{"id":1,"v":"A","gone":null},{"id":2,"v":"b","gone":"y"}]`, reasons: "schema-drift", problems: "column-gone", verify: 4},
		back:   wayBack{declare: declaration{"id", idAndV}},
	},
	{
		name: "added", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `ALTER TABLE {t} ADD COLUMN n int NOT NULL DEFAULT 7; UPDATE {t} SET v = 'A' WHERE id = 1`,
		want:  outcome{rows: `[{"id":1,"v":"A"},{"id":2,"v":"b"}]`, reasons: "schema-drift", notes: "members-unread"},
		bare:  &outcome{rows: `[{"id":1,"v":"A"},{"id":2,"v":"b"}]`, reasons: "schema-drift", notes: "members-unread"},
		back:  wayBack{declare: declaration{"id", "id int64; v string; n int64"}, snapshot: true},
	},
	{
		name: "renamed", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `ALTER TABLE {t} RENAME COLUMN v TO w; UPDATE {t} SET w = 'A' WHERE id = 1`,
		want:  outcome{rows: `[{"id":1,"v":null},{"id":2,"v":"b"}]`, reasons: "schema-drift", problems: "column-gone", notes: "members-unread", verify: 4},
		bare:  &outcome{rows: `[{"id":1,"v":null},{"id":2,"v":"b"}]`, reasons: "schema-drift", problems: "column-gone", notes: "members-unread", verify: 4},
		back:  wayBack{declare: declaration{"id", "id int64; v string path=w,v"}},
	},
	{
		name: "widened", first: 2, declared: declaration{"id", "id int64; i int64; s string; f float64; j json json_string"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, i int, s varchar(5), f real, j json); INSERT INTO {t} VALUES (1, 1, 'a', 1.5, '{"a":1}'), (2, 2, 'b', 2.5, '{"a":2}')`,
		alter: `ALTER TABLE {t} ALTER i TYPE bigint, ALTER s TYPE varchar(40), ALTER f TYPE double precision, ALTER j TYPE jsonb;
			UPDATE {t} SET i = 9007199254740993, s = 'longer than five', f = 1e300, j = '{"a": [1]}' WHERE id = 1`,
		want: outcome{rows: `[{"id":1,"i":9007199254740993,"s":"longer than five","f":1e+300,"j":{"a":[1]}},{"id":2,"i":2,"s":"b","f":2.5,"j":{"a":2}}]`, reasons: "schema-drift", notes: "type-changed"},
		bare: &outcome{rows: `[{"id":1,"i":9007199254740993,"s":"longer than five","f":1e+300,"j":{"a":[1]}},{"id":2,"i":2,"s":"b","f":2.5,"j":{"a":2}}]`},
	},
	{
		name: "zoned", first: 2, declared: declaration{"id", "id int64; at timestamp epoch_us"},
		create:   `CREATE TABLE {t} (id int PRIMARY KEY, at timestamp); INSERT INTO {t} VALUES (1, '2026-01-02 03:04:05'), (2, '2026-01-02 03:04:06')`,
		alter:    `ALTER TABLE {t} ALTER at TYPE timestamptz; UPDATE {t} SET at = '2026-02-02 03:04:05+00' WHERE id = 1`,
		want:     outcome{rows: `[{"id":1,"at":"2026-02-02T03:04:05.000000Z"},{"id":2,"at":"2026-01-02T03:04:06.000000Z"}]`, reasons: "schema-drift", notes: "type-changed"},
		bare:     &outcome{rows: `[{"id":1,"at":"2026-01-02T03:04:05.000000Z"},{"id":2,"at":"2026-01-02T03:04:06.000000Z"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", verify: 4},
		back:     wayBack{},
		bareBack: &wayBack{declare: declaration{"id", "id int64; at timestamp iso_timestamp"}, snapshot: true, drop: true},
	},
}

// typeAlterations change what the values of a column are.
var typeAlterations = []alteration{
	{
		name: "digits", first: 2, declared: declaration{"id", "id int64; n decimal(5,3)"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, n numeric(5,3)); INSERT INTO {t} VALUES (1, 1.5), (2, 2.5)`,
		alter:  `ALTER TABLE {t} ALTER n TYPE numeric(6,4); UPDATE {t} SET n = 1.25 WHERE id = 1; UPDATE {t} SET n = 1.2345 WHERE id = 2`,
		want:   outcome{rows: `[{"id":1,"n":1.250},{"id":2,"n":2.500}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; n decimal(6,4)"}},
	},
	{
		name: "scale", first: 2, declared: declaration{"id", "id int64; n decimal(6,2) decimal_base64"},
		create:   `CREATE TABLE {t} (id int PRIMARY KEY, n numeric(6,2)); INSERT INTO {t} VALUES (1, 1.25), (2, 2.25)`,
		alter:    `ALTER TABLE {t} ALTER n TYPE numeric(8,4); UPDATE {t} SET n = 1.5 WHERE id = 1`,
		want:     outcome{rows: `[{"id":1,"n":1.50},{"id":2,"n":2.25}]`, reasons: "schema-drift", notes: "type-changed"},
		bare:     &outcome{rows: `[{"id":1,"n":150.00},{"id":2,"n":2.25}]`, notes: "scale-unseen", verify: 4},
		back:     wayBack{},
		bareBack: &wayBack{declare: declaration{"id", "id int64; n decimal(8,4) decimal_base64"}, snapshot: true},
	},
	{
		name: "instants", first: 2, declared: declaration{"id", "id int64; at timestamp epoch_us"},
		create:   `CREATE TABLE {t} (id int PRIMARY KEY, at timestamp); INSERT INTO {t} VALUES (1, '2026-01-02 03:04:05'), (2, '2026-01-02 03:04:06')`,
		alter:    `ALTER TABLE {t} ALTER at TYPE timestamp(3); UPDATE {t} SET at = '2026-02-02 03:04:05' WHERE id = 1`,
		want:     outcome{rows: `[{"id":1,"at":"2026-02-02T03:04:05.000000Z"},{"id":2,"at":"2026-01-02T03:04:06.000000Z"}]`, reasons: "schema-drift", notes: "type-changed"},
		bare:     &outcome{rows: `[{"id":1,"at":"1970-01-21T11:40:01.445000Z"},{"id":2,"at":"2026-01-02T03:04:06.000000Z"}]`, reasons: "schema-drift", notes: "scale-unseen type-changed", verify: 4},
		back:     wayBack{},
		bareBack: &wayBack{declare: declaration{"id", "id int64; at timestamp epoch_ms"}, snapshot: true},
	},
	{
		name: "day", first: 2, declared: declaration{"id", "id int64; d date"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, d date); INSERT INTO {t} VALUES (1, '2026-01-02'), (2, '2026-01-03')`,
		alter:  `ALTER TABLE {t} ALTER d TYPE timestamp; UPDATE {t} SET d = '2026-02-02' WHERE id = 1; UPDATE {t} SET d = '2026-02-02 03:04:05' WHERE id = 2`,
		want:   outcome{rows: `[{"id":1,"d":"2026-02-02"},{"id":2,"d":"2026-01-03"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; d timestamp"}},
	},
	{
		name: "numbertext", first: 2, declared: declaration{"id", "id int64; n decimal(10,2) decimal_base64"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, n numeric(10,2)); INSERT INTO {t} VALUES (1, 1.25), (2, 2.25)`,
		alter:  `ALTER TABLE {t} ALTER n TYPE text; UPDATE {t} SET n = '5678' WHERE id = 1; UPDATE {t} SET n = 'many' WHERE id = 2`,
		want:   outcome{rows: `[{"id":1,"n":5678.00},{"id":2,"n":2.25}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "encoding-overruled type-changed", verify: 4},
		// Any text of a multiple of four letters could be base64: without schemas nobody can see that it is none.
		bare: &outcome{rows: `[{"id":1,"n":-15936.04},{"id":2,"n":-67067.02}]`, notes: "scale-unseen", verify: 4},
		back: wayBack{declare: declaration{"id", "id int64; n string"}},
	},
	{
		name: "binarytext", first: 2, declared: declaration{"id", "id int64; b bytes bytes_base64"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, b bytea); INSERT INTO {t} VALUES (1, '\x01'), (2, '\x02')`,
		alter:  `ALTER TABLE {t} ALTER b TYPE text USING encode(b, 'hex'); UPDATE {t} SET b = 'abcd' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"b":"AQ=="},{"id":2,"b":"Ag=="}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; b string"}, snapshot: true},
	},
	{
		name: "instantnumber", first: 2, declared: declaration{"id", "id int64; at timestamp epoch_us"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, at timestamp); INSERT INTO {t} VALUES (1, '2026-01-02 03:04:05'), (2, '2026-01-02 03:04:06')`,
		alter:  `ALTER TABLE {t} ALTER at TYPE bigint USING extract(epoch FROM at)::bigint; UPDATE {t} SET at = 12 WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"at":"2026-01-02T03:04:05.000000Z"},{"id":2,"at":"2026-01-02T03:04:06.000000Z"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; at int64"}, snapshot: true},
	},
	{
		name: "daynumber", first: 2, declared: declaration{"id", "id int64; d date epoch_days"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, d date); INSERT INTO {t} VALUES (1, '2026-01-02'), (2, '2026-01-03')`,
		alter:  `ALTER TABLE {t} ALTER d TYPE int USING d - date '1970-01-01'; UPDATE {t} SET d = 12 WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"d":"2026-01-02"},{"id":2,"d":"2026-01-03"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; d int64"}},
	},
	{
		name: "intastext", first: 2, declared: declaration{"id", "id int64; n int64"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, n int); INSERT INTO {t} VALUES (1, 1), (2, 2)`,
		alter:  `ALTER TABLE {t} ALTER n TYPE text; UPDATE {t} SET n = '12' WHERE id = 1; UPDATE {t} SET n = 'many' WHERE id = 2`,
		want:   outcome{rows: `[{"id":1,"n":12},{"id":2,"n":2}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		bare:   &outcome{rows: `[{"id":1,"n":12},{"id":2,"n":2}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; n string"}},
	},
	{
		name: "textasint", first: 2, declared: declaration{"id", "id int64; n string"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, n text); INSERT INTO {t} VALUES (1, '1'), (2, '2')`,
		alter:  `ALTER TABLE {t} ALTER n TYPE int USING n::int; UPDATE {t} SET n = 12 WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"n":"12"},{"id":2,"n":"2"}]`, reasons: "schema-drift", notes: "type-changed"},
		back:   wayBack{declare: declaration{"id", "id int64; n int64"}},
	},
	{
		name: "boolasint", first: 2, declared: declaration{"id", "id int64; b bool"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, b bool); INSERT INTO {t} VALUES (1, true), (2, true)`,
		alter:  `ALTER TABLE {t} ALTER b TYPE int USING b::int; UPDATE {t} SET b = 12 WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"b":true},{"id":2,"b":true}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; b int64"}, snapshot: true, drop: true},
	},
	{
		name: "uuidastext", first: 2, declared: declaration{"id", "id int64; u uuid"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, u uuid); INSERT INTO {t} VALUES (1, '00000000-0000-0000-0000-000000000001'), (2, '00000000-0000-0000-0000-000000000002')`,
		alter:  `ALTER TABLE {t} ALTER u TYPE text; UPDATE {t} SET u = 'none' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"u":"00000000-0000-0000-0000-000000000001"},{"id":2,"u":"00000000-0000-0000-0000-000000000002"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; u string"}},
	},
	{
		name: "intasarray", first: 2, declared: declaration{"id", "id int64; n int64"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, n int); INSERT INTO {t} VALUES (1, 1), (2, 2)`,
		alter:  `ALTER TABLE {t} ALTER n TYPE int[] USING ARRAY[n]; UPDATE {t} SET n = '{1,2}' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"n":1},{"id":2,"n":2}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; n json"}, snapshot: true},
	},
	{
		name: "jsonastext", first: 2, declared: declaration{"id", "id int64; j json"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, j json); INSERT INTO {t} VALUES (1, '{"a":1}'), (2, '{"a":2}')`,
		alter:  `ALTER TABLE {t} ALTER j TYPE text; UPDATE {t} SET j = 'many' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"j":"many"},{"id":2,"j":{"a":2}}]`, reasons: "schema-drift", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id int64; j string"}},
	},
}
