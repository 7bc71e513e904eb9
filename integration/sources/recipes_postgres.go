package sources

func postgresRecipes() []Recipe {
	out := modeRecipes()
	return append(out, incrementalRecipe(), secondSnapshotRecipe(), keyChangeRecipe(), keyWidenedRecipe())
}

func modeRecipes() []Recipe {
	flatHeaders := kindRecipe("captured_flattened_headers", "Flattened rows whose operation, position and times stand in record headers; deletes are Kafka nulls.",
		Settings{Time: "adaptive", Flat: "delete-to-tombstone"})
	flatHeaders.more = map[string]string{"transforms.unwrap.add.headers": "op,lsn,source.ts_ms,db"}
	fields := kindRecipe("captured_flattened_rewrite", "Flattened rows with schemas; a delete is the row rewritten with __deleted, and a Kafka null behind it. Added fields stand beside the columns.",
		Settings{Time: "adaptive", Flat: "rewrite-with-tombstone", Schemas: true})
	fields.more = map[string]string{"transforms.unwrap.add.fields": "op,table,lsn,source.ts_ms"}
	return []Recipe{
		flatHeaders, fields,
		kindRecipe("captured_flattened_default", "The transform's default: a delete is one record whose value is the four bytes null, or a payload that is null.",
			Settings{Time: "adaptive", Flat: "tombstone", Schemas: true, KeepNull: true}),
		kindRecipe("captured_hstore_map", "hstore.handling.mode=map, binary.handling.mode=hex, decimal.handling.mode=string, without schemas.",
			Settings{Time: "adaptive", HStore: "map", Binary: "hex", Decimal: "string"}),
		kindRecipe("captured_microseconds", "time.precision.mode=microseconds without schemas: all times and timestamps count microseconds, dates days. Bytes in the URL alphabet of base64.",
			Settings{Time: "microseconds", Binary: "base64-url-safe"}),
		kindRecipe("captured_nanoseconds", "time.precision.mode=nanoseconds with schemas, which say so.", Settings{Time: "nanoseconds", Schemas: true}),
		kindRecipe("captured_isostring", "time.precision.mode=isostring: dates, times and timestamps as text.", Settings{Time: "isostring"}),
	}
}

const textColumns = `
id | int64 |
v | string |
`

// texts fills a table with n rows.
const texts = `CREATE TABLE <table> (id int PRIMARY KEY, v text); INSERT INTO <table> SELECT i, 'old' FROM generate_series(1, 40) i`

func incrementalRecipe() Recipe {
	return Recipe{
		Name: "captured_incremental_snapshot", About: "An incremental snapshot by signal, in chunks of 8, while rows change: its rows have no position in the log, and stand between streamed ones.",
		partitions: 2, key: []string{"id"}, columns: parseColumns(textColumns),
		more:   map[string]string{"snapshot.mode": "no_data", "incremental.snapshot.chunk.size": "8", "signal.data.collection": "public.capture_signals"},
		before: texts + `; CREATE TABLE capture_signals (id text PRIMARY KEY, type text, data text)`,
		steps: []step{
			{sql: `UPDATE <table> SET v = 'streamed before' WHERE id = 40`, records: 1},
			{sql: `INSERT INTO capture_signals VALUES ('s1', 'execute-snapshot', '{"data-collections": ["public.<table>"], "type": "incremental"}')`},
			{sql: `UPDATE <table> SET v = 'changed' WHERE id % 7 = 0; DELETE FROM <table> WHERE id % 11 = 0; INSERT INTO <table> VALUES (41, 'new')`, records: 40},
			{sql: `INSERT INTO <table> VALUES (999, 'the last')`},
		},
		last: "the last",
	}
}

func secondSnapshotRecipe() Recipe {
	return Recipe{
		Name: "captured_second_snapshot", About: "A second connector takes a snapshot into the same topic. Rows that were deleted, or changed their key, while none was there have no event: they stay.",
		partitions: 2, key: []string{"id"}, columns: parseColumns(textColumns), before: texts, snapshot: 40,
		steps: []step{
			{sql: `UPDATE <table> SET v = 'streamed' WHERE id <= 5`, records: 5},
			{sql: `DELETE FROM <table> WHERE id IN (3, 13); UPDATE <table> SET v = 'unseen' WHERE id = 4; UPDATE <table> SET id = 50 WHERE id = 14`, away: true, records: 38},
			{sql: `DELETE FROM <table> WHERE id = 6; INSERT INTO <table> VALUES (999, 'the last')`},
		},
		last:  "the last",
		stale: `[{"id": 3, "v": "streamed"}, {"id": 13, "v": "old"}, {"id": 14, "v": "old"}]`,
	}
}

func keyChangeRecipe() Recipe {
	return Recipe{
		Name: "captured_key_change_partitions", About: "Keys change over four partitions, and the rows under their new keys start with placeholders for what lies out of line: the values are those of the old keys' rows.",
		partitions: 4, key: []string{"id"},
		columns: parseColumns(textColumns + `
big | string |
raw | bytes | binary | replace(encode(raw, 'base64'), E'\n', '')
`),
		before: `CREATE TABLE <table> (id int PRIMARY KEY, v text, big text, raw bytea);
			ALTER TABLE <table> ALTER COLUMN big SET STORAGE EXTERNAL, ALTER COLUMN raw SET STORAGE EXTERNAL;
			INSERT INTO <table> SELECT i, 'old', repeat(md5(i::text), 80), decode(repeat(md5(i::text), 160), 'hex') FROM generate_series(1, 8) i`,
		snapshot: 8,
		steps: []step{{sql: `UPDATE <table> SET id = id + 100 WHERE id % 2 = 0;
			UPDATE <table> SET v = 'changed' WHERE id > 100;
			UPDATE <table> SET id = id + 100 WHERE id > 104;
			BEGIN; UPDATE <table> SET id = 0 WHERE id = 1; UPDATE <table> SET id = 1 WHERE id = 3; UPDATE <table> SET id = 3 WHERE id = 0; COMMIT;
			INSERT INTO <table> (id, v) VALUES (999, 'the last')`}},
		last: "the last",
	}
}

func keyWidenedRecipe() Recipe {
	return Recipe{
		Name: "captured_key_widened", About: "The key's type goes from int to bigint, with schemas in the key: the same key has other bytes from then on, and lands in another partition. By decoded keys the rows have one home.",
		settings: Settings{Schemas: true}, partitions: 4, partitioner: "any", key: []string{"id"}, columns: parseColumns(textColumns), before: texts, snapshot: 40,
		steps: []step{
			{sql: `UPDATE <table> SET v = 'int' WHERE id <= 20`, records: 20},
			{sql: `ALTER TABLE <table> ALTER COLUMN id TYPE bigint`},
			{sql: `UPDATE <table> SET v = 'bigint' WHERE id BETWEEN 10 AND 30; DELETE FROM <table> WHERE id IN (1, 35); INSERT INTO <table> VALUES (9007199254740993, 'wide'), (999, 'the last')`},
		},
		last: "the last",
	}
}
