package integration

// keyAlterations change the key, or what the database writes of it.
var keyAlterations = []alteration{
	{
		name: "keyadded", first: 2, declared: declaration{"id", idAndV},
		create: `CREATE TABLE {t} (id int NOT NULL, v text); ALTER TABLE {t} REPLICA IDENTITY FULL; INSERT INTO {t} VALUES (1, 'a'), (2, 'b')`,
		alter:  `ALTER TABLE {t} ADD PRIMARY KEY (id); UPDATE {t} SET v = 'A' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"v":"A"}]`, deadLetters: 2, reasons: "dead-letters", problems: "dead-letters undecodable", verify: 4},
		back:   wayBack{snapshot: true, drop: true},
	},
	{
		name: "keydropped", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `ALTER TABLE {t} DROP CONSTRAINT {t}_pkey; ALTER TABLE {t} REPLICA IDENTITY FULL; UPDATE {t} SET v = 'A' WHERE id = 1; INSERT INTO {t} SELECT i, 'c' FROM generate_series(3, 21) i`,
		want:  outcome{rows: `[{"id":1,"v":"a"},{"id":2,"v":"b"}]`, deadLetters: 20, reasons: "dead-letters", problems: "dead-letters undecodable", verify: 4},
		back:  wayBack{keyColumns: "id", snapshot: true, drop: true},
	},
	{
		name: "keyextended", first: 2, declared: declaration{"a", "a int64; b int64; v string"},
		create: `CREATE TABLE {t} (a int PRIMARY KEY, b int NOT NULL, v text); INSERT INTO {t} VALUES (1, 1, 'x'), (2, 1, 'y')`,
		alter: `ALTER TABLE {t} DROP CONSTRAINT {t}_pkey; ALTER TABLE {t} ADD PRIMARY KEY (a, b);
			INSERT INTO {t} VALUES (1, 2, 'z'); DELETE FROM {t} WHERE a = 2`,
		want: outcome{rows: `[{"a":1,"b":2,"v":"z"}]`, reasons: "schema-drift", notes: "key-short", verify: 4},
		bare: &outcome{rows: `[{"a":1,"b":2,"v":"z"}]`, reasons: "schema-drift", notes: "key-short", verify: 4},
		back: wayBack{declare: declaration{"a b", "a int64; b int64; v string"}},
	},
	{
		name: "keyshrunk", first: 2, declared: declaration{"a b", "a int64; b int64; v string"},
		create: `CREATE TABLE {t} (a int, b int, v text, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES (1, 1, 'x'), (2, 1, 'y')`,
		alter: `ALTER TABLE {t} DROP CONSTRAINT {t}_pkey; ALTER TABLE {t} ADD PRIMARY KEY (a);
			UPDATE {t} SET v = 'X' WHERE a = 1; DELETE FROM {t} WHERE a = 2`,
		want: outcome{rows: `[{"a":1,"b":1,"v":"X"},{"a":2,"b":1,"v":"y"}]`, deadLetters: 2, problems: "dead-letters deletes-keyless undecodable", verify: 4},
		back: wayBack{declare: declaration{"a", "a int64; b int64; v string"}},
	},
	{
		name: "keywidened", first: 8, declared: declaration{"id", idAndV},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, v text); INSERT INTO {t} SELECT i, 'old' FROM generate_series(1, 8) i`,
		alter:  `ALTER TABLE {t} ALTER id TYPE bigint; UPDATE {t} SET v = 'new' WHERE id <= 2; DELETE FROM {t} WHERE id > 3`,
		want:   outcome{rows: `[{"id":1,"v":"new"},{"id":2,"v":"new"},{"id":3,"v":"old"}]`, reasons: "schema-drift", notes: "type-changed"},
		bare:   &outcome{rows: `[{"id":1,"v":"new"},{"id":2,"v":"new"},{"id":3,"v":"old"}]`},
	},
	{
		name: "keyastext", first: 8, declared: declaration{"id", idAndV},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, v text); INSERT INTO {t} SELECT i, 'old' FROM generate_series(1, 8) i`,
		alter:  `ALTER TABLE {t} ALTER id TYPE text; UPDATE {t} SET v = 'new' WHERE id <= '2'; DELETE FROM {t} WHERE id > '3'; INSERT INTO {t} VALUES ('many', 'c')`,
		want:   outcome{rows: `[{"id":1,"v":"new"},{"id":2,"v":"new"},{"id":3,"v":"old"}]`, deadLetters: 1, reasons: "schema-drift", problems: "dead-letters undecodable", notes: "type-changed", verify: 4},
		back:   wayBack{declare: declaration{"id", "id string; v string"}},
	},
	{
		name: "otheridentity", first: 2, declared: declaration{"id", "id int64; u int64; v string"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, u int NOT NULL UNIQUE, v text); INSERT INTO {t} VALUES (1, 11, 'a'), (2, 12, 'b')`,
		alter:  `ALTER TABLE {t} REPLICA IDENTITY USING INDEX {t}_u_key; DELETE FROM {t} WHERE id = 2`,
		want:   outcome{rows: `[{"id":1,"u":11,"v":"a"},{"id":2,"u":12,"v":"b"}]`, verify: 4},
		back:   wayBack{sql: `ALTER TABLE {t} REPLICA IDENTITY DEFAULT`, snapshot: true, sweep: true},
	},
}

// tableAlterations are those that no event shows.
var tableAlterations = []alteration{
	{
		name: "movedaway", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `ALTER TABLE {t} RENAME TO {t}_2; INSERT INTO {t}_2 VALUES (3, 'c'); DELETE FROM {t}_2 WHERE id = 1`,
		want:  outcome{rows: `[{"id":1,"v":"a"},{"id":2,"v":"b"}]`, verify: 1},
		back:  wayBack{source: "{t}_2", snapshot: true, sweep: true},
	},
	{
		name: "madeagain", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `DROP TABLE {t}; CREATE TABLE {t} (id int PRIMARY KEY, v text); INSERT INTO {t} VALUES (3, 'c')`,
		want:  outcome{rows: `[{"id":1,"v":"a"},{"id":2,"v":"b"}]`, verify: 4},
		back:  wayBack{snapshot: true, sweep: true},
	},
	{
		name: "replaced", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `DROP TABLE {t}; CREATE TABLE {t} (id int PRIMARY KEY, v text); ALTER PUBLICATION dbz_altered ADD TABLE {t}; INSERT INTO {t} VALUES (3, 'c')`,
		want:  outcome{rows: `[{"id":1,"v":"a"},{"id":2,"v":"b"},{"id":3,"v":"c"}]`, verify: 4},
		back:  wayBack{sweep: true},
	},
	{
		name: "truncated", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `TRUNCATE {t}; INSERT INTO {t} VALUES (3, 'c')`,
		want:  outcome{rows: `[{"id":1,"v":"a"},{"id":2,"v":"b"},{"id":3,"v":"c"}]`, notes: "truncate-unseen", verify: 4},
		back:  wayBack{sweep: true},
	},
	{
		name: "slotlost", first: 2, declared: declaration{"id", idAndV}, create: twoRows,
		alter: `UPDATE {t} SET v = 'A' WHERE id = 1; DELETE FROM {t} WHERE id = 2`, slotLost: true,
		want: outcome{rows: `[{"id":1,"v":"A"},{"id":2,"v":"b"}]`, verify: 4},
		back: wayBack{sweep: true},
	},
	{
		name: "enumrenamed", first: 2, declared: declaration{"id", idAndV},
		create: `CREATE TYPE {t}_mood AS ENUM ('sad', 'ok'); CREATE TABLE {t} (id int PRIMARY KEY, v {t}_mood); INSERT INTO {t} VALUES (1, 'sad'), (2, 'sad')`,
		alter:  `ALTER TYPE {t}_mood RENAME VALUE 'sad' TO 'low'; UPDATE {t} SET v = 'ok' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"v":"ok"},{"id":2,"v":"sad"}]`, verify: 4},
		back:   wayBack{snapshot: true},
	},
	{
		name: "generated", first: 2, declared: declaration{"id", "id int64; v string; g string"},
		create: `CREATE TABLE {t} (id int PRIMARY KEY, v text, g text GENERATED ALWAYS AS (upper(v)) STORED); INSERT INTO {t} VALUES (1, 'a'), (2, 'b')`,
		alter:  `UPDATE {t} SET v = 'c' WHERE id = 1`,
		want:   outcome{rows: `[{"id":1,"v":"c","g":null},{"id":2,"v":"b","g":"B"}]`, reasons: "schema-drift", problems: "column-gone", verify: 4},
		back:   wayBack{declare: declaration{"id", idAndV}},
	},
}
