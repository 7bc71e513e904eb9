-- A table of every type of PostgreSQL, with values that no setting of a connector loses. The last row holds nulls.
CREATE TABLE <table> (
  id bigint, day date, part varchar(20),
  c_smallint smallint NOT NULL DEFAULT 0, c_int integer, c_bigint bigint, c_serial bigserial, c_oid oid, c_posint posint,
  c_num_12_3 numeric(12,3), c_num_30_10 numeric(30,10), c_num_10_0 numeric(10,0), c_num numeric, c_money money, c_price price,
  c_real real, c_double double precision, c_bool boolean,
  c_char char(5), c_varchar varchar(20), c_text text, c_citext citext, c_enum mood, c_xml xml, c_ltree ltree,
  c_bytea bytea, c_uuid uuid, c_json json, c_jsonb jsonb, c_hstore hstore,
  c_date date, c_time time, c_time3 time(3), c_time0 time(0), c_timetz timetz,
  c_ts timestamp, c_ts3 timestamp(3), c_ts0 timestamp(0), c_tstz timestamptz, c_tstz3 timestamptz(3), c_interval interval,
  c_inet inet, c_cidr cidr, c_macaddr macaddr, c_macaddr8 macaddr8,
  c_int_arr integer[], c_text_arr text[], c_bool_arr boolean[], c_uuid_arr uuid[], c_enum_arr mood[], c_num_arr numeric(10,2)[], c_ts_arr timestamp[], c_bigint_arr bigint[],
  c_bit1 bit(1), c_bit8 bit(8), c_bit70 bit(70), c_varbit varbit(16),
  c_point point, c_box box, c_lseg lseg, c_path path, c_open path, c_polygon polygon, c_circle circle, c_line line, c_int4range int4range, c_int8range int8range, c_numrange numrange, c_tsrange tsrange, c_tstzrange tstzrange, c_daterange daterange, c_tsvector tsvector,
  c_gen integer GENERATED ALWAYS AS (c_smallint + 1) STORED, c_comp comp, c_tsquery tsquery, "C Weird""Col" text, "läänge" int,
  PRIMARY KEY (part, day, id)
);
INSERT INTO <table> (id, day, part, c_smallint, c_int, c_bigint, c_oid, c_posint, c_num_12_3, c_num_30_10, c_num_10_0, c_num, c_money, c_price, c_real, c_double, c_bool,
  c_char, c_varchar, c_text, c_citext, c_enum, c_xml, c_ltree, c_bytea, c_uuid, c_json, c_jsonb, c_hstore, c_date, c_time, c_time3, c_time0, c_timetz,
  c_ts, c_ts3, c_ts0, c_tstz, c_tstz3, c_interval, c_inet, c_cidr, c_macaddr, c_macaddr8, c_int_arr, c_text_arr, c_bool_arr, c_uuid_arr, c_enum_arr, c_num_arr, c_ts_arr, c_bigint_arr,
  c_bit1, c_bit8, c_bit70, c_varbit, c_point, c_box, c_lseg, c_path, c_open, c_polygon, c_circle, c_line, c_int4range, c_int8range, c_numrange, c_tsrange, c_tstzrange, c_daterange, c_tsvector, c_comp, c_tsquery, "C Weird""Col", "läänge")
SELECT i, date '2026-01-01' + i, 'part ' || i % 3, i, i * 1000, i * 10000000000, 4294967280 + i, i, i * 1.125, i * 1234567890.0123456789, i * 1000000, i / 7.0, (i * 1234.56)::numeric::money, i * 9.99,
  i * 1.5, i / 3.0, i % 2 = 0, 'c' || i, 'varchar ' || i, 'a text, number ' || i, 'CiTeXt' || i, (ARRAY['sad', 'ok', 'happy ☺'])[i % 3 + 1]::mood, ('<a x="' || i || '">t</a>')::xml, ('Top.L' || i)::ltree,
  decode(md5(i::text), 'hex'), md5(i::text)::uuid, ('{"b": ' || i || ',  "a": [1, 2.50, null]}')::json, ('{"a": ' || i || '}')::jsonb, ('a=>' || i || ', "b b"=>NULL')::hstore,
  date '2024-02-28' + i, time '12:34:56.789012' + i * interval '1 hour', time '12:34:56.789' + i * interval '1 second', time '01:02:03' + i * interval '1 minute', timetz '12:34:56.789012+02:30',
  timestamp '2024-02-29 12:34:56.789012' + i * interval '1 day', timestamp '2024-02-29 12:34:56.789' + i * interval '1 day', timestamp '2024-02-29 12:34:56' + i * interval '1 day',
  timestamptz '2024-02-29 12:34:56.789012+02:30' + i * interval '1 day', timestamptz '2024-02-29 12:34:56.789+00' + i * interval '1 day', i * interval '1 day 02:03:04.5',
  ('192.168.0.' || i || '/24')::inet, '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', ARRAY[i, NULL, 3], ARRAY['a,b', NULL, 'q"uote'], '{t,f,NULL}', ARRAY[md5(i::text)::uuid], '{sad,ok}',
  ARRAY[i * 1.10, NULL], ARRAY[timestamp '2024-01-01 00:00:00' + i * interval '1 day'], ARRAY[9007199254740993 + i],
  (i % 2)::bit(1), i::bit(8), i::bit(70), i::bit(16)::varbit(16), point(i, -2.25), box(point(i, 1.5), point(0, 0)), lseg(point(0, 0), point(i, 2)), '((0,0),(1,1),(2,0))', '[(0,0),(1,1),(2,0)]', polygon '((0,0),(1,1),(2,0))', circle(point(1, 2), i), line '{1,2,3}',
  int4range(1, 10 + i), int8range(1, 11 + i), numrange(1.5, 2.5 + i),
  tsrange('2024-01-01', '2024-02-01'), tstzrange('2024-01-01 00:00+00', NULL), daterange('2024-01-01', '2024-02-01'), to_tsvector('simple', 'a fat cat'), ROW(i, 'x')::comp, 'fat & rat', 'w' || i, i
FROM generate_series(1, 12) i;
INSERT INTO <table> (id, day, part) VALUES (100, '2026-06-30', 'nulls')
