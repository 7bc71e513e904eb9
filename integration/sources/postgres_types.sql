-- Every type of PostgreSQL, and the values at their edges. Rows 1 to 18 are there when a connector takes its
-- snapshot; stream.sql writes the same ones again, so that each value goes both ways.
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy ☺');
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TYPE comp AS (a int, b text);

CREATE TABLE types (
  id integer PRIMARY KEY,
  c_smallint smallint,
  c_int integer,
  c_bigint bigint,
  c_serial serial,
  c_num_12_3 numeric(12,3),
  c_num_38_10 numeric(38,10),
  c_num_10_0 numeric(10,0),
  c_num numeric,
  c_money money,
  c_real real,
  c_double double precision,
  c_bool boolean,
  c_char char(5),
  c_varchar varchar(20),
  c_text text,
  c_bytea bytea,
  c_date date,
  c_time time,
  c_time3 time(3),
  c_timetz time WITH TIME ZONE,
  c_ts timestamp,
  c_ts3 timestamp(3),
  c_ts0 timestamp(0),
  c_tstz timestamp WITH TIME ZONE,
  c_tstz3 timestamp(3) WITH TIME ZONE,
  c_interval interval,
  c_uuid uuid,
  c_json json,
  c_jsonb jsonb,
  c_xml xml,
  c_inet inet,
  c_cidr cidr,
  c_macaddr macaddr,
  c_macaddr8 macaddr8,
  c_int_arr integer[],
  c_text_arr text[],
  c_num_arr numeric(10,2)[],
  c_bool_arr boolean[],
  c_ts_arr timestamp [],
  c_uuid_arr uuid[],
  c_int2d integer[],
  c_enum mood,
  c_enum_arr mood[],
  c_hstore hstore,
  c_bit1 bit(1),
  c_bit8 bit(8),
  c_bit70 bit(70),
  c_varbit bit varying(16),
  c_point point,
  c_int4range int4range,
  c_int8range int8range,
  c_numrange numrange,
  c_tsrange tsrange,
  c_tstzrange tstzrange,
  c_daterange daterange,
  c_tsvector tsvector,
  c_citext citext,
  c_ltree ltree,
  c_oid oid,
  c_posint posint,
  c_def integer DEFAULT 42,
  c_gen integer GENERATED ALWAYS AS (coalesce(c_int, 0)::bigint % 1000) STORED,
  c_box box,
  c_comp comp,
  c_tsquery tsquery,
  "C Weird""Col" text,
  c_big text,
  c_big_bytea bytea,
  c_big_jsonb jsonb,
  c_big_texts text[],
  c_big_ints int[],
  c_big_uuids uuid[],
  c_big_hstore hstore
);
-- Out of line whatever their size and never compressed: an update that leaves them alone does not log them.
ALTER TABLE types
  ALTER COLUMN c_big SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_bytea SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_jsonb SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_texts SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_ints SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_uuids SET STORAGE EXTERNAL,
  ALTER COLUMN c_big_hstore SET STORAGE EXTERNAL;

INSERT INTO types (id, c_smallint, c_int, c_bigint, c_num_12_3, c_num_38_10, c_num_10_0, c_num, c_money, c_real, c_double, c_bool, c_char, c_varchar, c_text, c_bytea, c_date, c_time, c_time3, c_timetz, c_ts, c_ts3, c_ts0, c_tstz, c_tstz3, c_interval, c_uuid, c_json, c_jsonb, c_xml, c_inet, c_cidr, c_macaddr, c_macaddr8, c_int_arr, c_text_arr, c_num_arr, c_bool_arr, c_ts_arr, c_uuid_arr, c_int2d, c_enum, c_enum_arr, c_hstore, c_bit1, c_bit8, c_bit70, c_varbit, c_point, c_int4range, c_int8range, c_numrange, c_tsrange, c_tstzrange, c_daterange, c_tsvector, c_citext, c_ltree, c_oid, c_posint, c_box, c_comp, c_tsquery, "C Weird""Col")
  VALUES ('1', '1', '123456', '1234567890123', '12345.678', '1234567890.0123456789', '1234567890', '3.14159', '$1,234.56', '1.5', '2.718281828459045', 'true', 'ab', 'varchar', 'hello', '\x00ff10', '2024-02-29', '12:34:56.789012', '12:34:56.789', '12:34:56.789012+02:30', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56', '2024-02-29 07:04:56.789012+00', '2024-02-29 12:34:56.789+00', '1 year 2 mons 3 days 04:05:06.789012', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1,  "a": [1, 2.50, null], "b": 2}', '{"a": [1, 2.50, null], "b": 1, "n": 12345678901234567890.1230}', '<a x="1">t</a>', '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '{1,2,3}', '{a,b}', '{1.10,2.25}', '{t,f}', '{"2024-01-01 00:00:00"}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '{{1,2},{3,4}}', 'ok', '{sad,ok}', '"a"=>"1", "b"=>NULL', '1', '10101010', '1111111111111111111111111111111111111111111111111111111111111111111111', '101', '(1.5,-2.25)', '[1,10)', '[1,11)', '(1.5,2.5]', '["2024-01-01 00:00:00","2024-02-01 00:00:00")', '["2024-01-01 00:00:00+00",)', '[2024-01-01,2024-02-01)', '''a'':1A ''cat'':3 ''fat'':2,4B', 'CiTeXt', 'Top.Science', '4294967295', '7', '(1,1),(0,0)', '(1,x)', '''fat'' & ''rat''', 'w');
INSERT INTO types (id, c_def)
  VALUES ('2', NULL);
INSERT INTO types (id, c_smallint, c_int, c_bigint, c_num_12_3, c_num_38_10, c_num_10_0, c_num, c_money, c_real, c_double, c_bool, c_char, c_varchar, c_text, c_bytea, c_date, c_time, c_time3, c_timetz, c_ts, c_ts3, c_ts0, c_tstz, c_tstz3, c_interval, c_uuid, c_json, c_jsonb, c_xml, c_inet, c_cidr, c_macaddr, c_macaddr8, c_int_arr, c_text_arr, c_num_arr, c_bool_arr, c_ts_arr, c_uuid_arr, c_int2d, c_enum, c_enum_arr, c_hstore, c_bit1, c_bit8, c_bit70, c_varbit, c_point, c_int4range, c_int8range, c_numrange, c_tsrange, c_tstzrange, c_daterange, c_tsvector, c_citext, c_ltree, c_oid, c_posint, c_box, c_comp, c_tsquery, "C Weird""Col")
  VALUES ('3', '-32768', '-2147483648', '-9223372036854775808', '-999999999.999', '-9999999999999999999999999999.9999999999', '-9999999999', '-0.00000000000000000001', '-$92,233,720,368,547,758.08', '-3.4028235e+38', '-1.7976931348623157e+308', 'false', '', '', '', '\x', '0001-01-01', '00:00:00', '00:00:00', '00:00:00+15:59', '0001-01-01 00:00:00', '0001-01-01 00:00:00', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', '0001-01-01 00:00:00+00', '-1 years -2 mons -3 days -04:05:06.789012', '00000000-0000-0000-0000-000000000000', 'null', 'null', '<e/>', '::1/128', '::/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 'sad', '{}', '', '0', '00000000', '0000000000000000000000000000000000000000000000000000000000000000000000', '', '(0,0)', 'empty', '(,)', '(,)', 'empty', '(,)', '(,)', '', '', '', '0', '1', '(0,0),(0,0)', '(,)', '', '');
INSERT INTO types (id, c_smallint, c_int, c_bigint, c_num_12_3, c_num_38_10, c_num_10_0, c_num, c_money, c_real, c_double, c_bool, c_char, c_varchar, c_text, c_bytea, c_date, c_time, c_time3, c_timetz, c_ts, c_ts3, c_ts0, c_tstz, c_tstz3, c_interval, c_uuid, c_json, c_jsonb, c_inet, c_int_arr, c_text_arr, c_num_arr, c_bool_arr, c_ts_arr, c_enum, c_enum_arr, c_hstore, c_bit1, c_bit8, c_varbit, c_point, c_int4range, c_oid, c_posint)
  VALUES ('4', '32767', '2147483647', '9223372036854775807', '999999999.999', '9999999999999999999999999999.9999999999', '9999999999', '1234567890123456789012345678901234567890.12345678901234567890', '$92,233,720,368,547,758.07', '3.4028235e+38', '1.7976931348623157e+308', 'true', 'abcde', 'xxxxxxxxxxxxxxxxxxxx', repeat('z', 300), (SELECT string_agg(decode(lpad(to_hex(i), 2, '0'), 'hex'), '' ORDER BY i) FROM generate_series(0, 255) i), '9999-12-31', '24:00:00', '23:59:59.999', '23:59:59.999999-15:59', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999+00', '9999-12-31 23:59:59.999+00', '178000000 years', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '{}', 'fe80::1/64', '{2147483647,-2147483648,NULL}', '{"a,b","q\"uote","back\\slash",NULL,"NULL",""," "}', '{99999999.99,NULL}', '{NULL,t}', '{NULL,"9999-12-31 23:59:59.999999"}', 'happy ☺', '{"happy ☺",NULL}', '"e"=>"", "k 1"=>"v, \"2\""', '1', '11111111', '1111111111111111', '(1e+308,-1e-300)', '[-2147483648,2147483647)', '1', '2147483647');
INSERT INTO types (id, c_real, c_double, c_date, c_ts, c_ts3, c_tstz, c_tsrange)
  VALUES ('5', 'NaN', 'NaN', 'infinity', 'infinity', 'infinity', 'infinity', '[-infinity,infinity]');
INSERT INTO types (id, c_real, c_double, c_date, c_ts, c_ts3, c_tstz)
  VALUES ('6', 'Infinity', '-Infinity', '-infinity', '-infinity', '-infinity', '-infinity');
INSERT INTO types (id, c_char, c_varchar, c_text, c_json, c_jsonb, c_xml, c_text_arr, c_hstore, c_citext, "C Weird""Col")
  VALUES ('7', 'é', '日本語', E'emoji 😀 quote " back\\slash nl\n tab\u0009 ctrl\u0001\u001F del\u007F nbsp\u00A0 ls\u2028 rtl\u202E bom\uFEFF zero\u200B max\U0010FFFF </script>', '{"k\u00e9\ud83d\ude00":"\u2028 \"x\""}', E'{"ké😀": "\u2028 \\"x\\""}', '<ü>é😀&amp;</ü>', '{😀,日本}', '"ключ"=>"значение"', 'ÉÀ', '😀');
INSERT INTO types (id, c_bigint, c_num_12_3, c_num_38_10, c_num, c_money, c_real, c_double, c_date, c_time, c_ts, c_ts3, c_tstz, c_interval)
  VALUES ('8', '9007199254740993', '0.000', '0.0000000001', '0', '$0.00', '-0', '-0', '1970-01-01', '00:00:00.000001', '1970-01-01 00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00+00', '00:00:00');
INSERT INTO types (id, c_bigint, c_num_12_3, c_num, c_real, c_double, c_date, c_ts, c_ts3, c_tstz, c_interval)
  VALUES ('9', '-9007199254740993', '-0.001', '100', '1e-45', '5e-324', '1969-12-31', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999999+00', '1 mon -1 days +00:00:00.000001');
INSERT INTO types (id, c_num, c_real, c_double, c_date, c_ts, c_ts3, c_tstz)
  VALUES ('10', '10000000000', '0.1', '0.1', '0044-03-15 BC', '0044-03-15 12:00:00.5 BC', '0044-03-15 12:00:00.5 BC', '0044-03-15 12:00:00+00 BC');
INSERT INTO types (id, c_num, c_real, c_double, c_date, c_ts, c_tstz)
  VALUES ('11', '1.10', '1.6777216e+07', '9.999999999999999e+22', '1582-10-10', '1582-10-10 00:00:00', '1582-10-10 00:00:00+00');
-- Beyond year 9999, and as far as the types go.
INSERT INTO types (id, c_date, c_ts, c_ts3, c_tstz, c_tstz3)
  VALUES (12, '12345-06-07', '12345-06-07 08:09:10.123456', '12345-06-07 08:09:10.123', '12345-06-07 08:09:10.123456+00', '12345-06-07 08:09:10.123+00');
INSERT INTO types (id, c_date, c_ts, c_tstz) VALUES (13, '5874897-12-31', '294246-12-31 23:59:59.999999', '294246-12-31 23:59:59.999999+00');
INSERT INTO types (id, c_date, c_ts, c_tstz) VALUES (14, '4714-11-24 BC', '4714-11-24 00:00:00 BC', '4714-11-24 00:00:00+00 BC');
-- No numbers.
INSERT INTO types (id, c_num_12_3, c_num) VALUES (15, 'NaN', 'NaN');
INSERT INTO types (id, c_num) VALUES (16, 'Infinity'), (17, '-Infinity');
-- Out of line.
INSERT INTO types (id, c_text, c_big, c_big_bytea, c_big_jsonb, c_big_texts, c_big_ints, c_big_uuids, c_big_hstore)
  SELECT 18, 'beside', string_agg(md5(i::text), ''), decode(string_agg(md5(i::text), ''), 'hex'),
    jsonb_build_object('a', string_agg(md5(i::text), '')), array_agg(md5(i::text)), (SELECT array_agg(j) FROM generate_series(1, 2000) j), array_agg(md5(i::text)::uuid),
    hstore(array_agg(i::text), array_agg(md5(i::text)))
  FROM generate_series(1, 400) i;
