-- What happens to the rows of postgres_types.sql while connectors follow the log. Row 999 comes last.
INSERT INTO types (id, c_smallint, c_int, c_bigint, c_num_12_3, c_num_38_10, c_num_10_0, c_num, c_money, c_real, c_double, c_bool,
  c_char, c_varchar, c_text, c_bytea, c_date, c_time, c_time3, c_timetz, c_ts, c_ts3, c_ts0, c_tstz, c_tstz3,
  c_interval, c_uuid, c_json, c_jsonb, c_xml, c_inet, c_cidr, c_macaddr, c_macaddr8, c_int_arr, c_text_arr,
  c_num_arr, c_bool_arr, c_ts_arr, c_uuid_arr, c_int2d, c_enum, c_enum_arr, c_hstore, c_bit1, c_bit8, c_bit70,
  c_varbit, c_point, c_int4range, c_int8range, c_numrange, c_tsrange, c_tstzrange, c_daterange, c_tsvector,
  c_citext, c_ltree, c_oid, c_posint, c_def, c_box, c_comp, c_tsquery, "C Weird""Col", c_big, c_big_bytea,
  c_big_jsonb, c_big_texts, c_big_ints, c_big_uuids, c_big_hstore)
  SELECT id + 100, c_smallint, c_int, c_bigint, c_num_12_3, c_num_38_10, c_num_10_0, c_num, c_money, c_real, c_double, c_bool,
  c_char, c_varchar, c_text, c_bytea, c_date, c_time, c_time3, c_timetz, c_ts, c_ts3, c_ts0, c_tstz, c_tstz3,
  c_interval, c_uuid, c_json, c_jsonb, c_xml, c_inet, c_cidr, c_macaddr, c_macaddr8, c_int_arr, c_text_arr,
  c_num_arr, c_bool_arr, c_ts_arr, c_uuid_arr, c_int2d, c_enum, c_enum_arr, c_hstore, c_bit1, c_bit8, c_bit70,
  c_varbit, c_point, c_int4range, c_int8range, c_numrange, c_tsrange, c_tstzrange, c_daterange, c_tsvector,
  c_citext, c_ltree, c_oid, c_posint, c_def, c_box, c_comp, c_tsquery, "C Weird""Col", c_big, c_big_bytea,
  c_big_jsonb, c_big_texts, c_big_ints, c_big_uuids, c_big_hstore
  FROM types WHERE id < 100 ORDER BY id;
UPDATE types SET c_text = 'changed' WHERE id IN (7, 107, 18, 118);
UPDATE types SET c_big = 'small', c_big_ints = NULL, c_big_texts = '{}' WHERE id = 118;
UPDATE types SET c_text = 'again' WHERE id = 118;
UPDATE types SET c_num_12_3 = NULL, c_ts = NULL, c_json = NULL, c_int_arr = NULL, c_def = 7 WHERE id = 3;
DELETE FROM types WHERE id = 104;
INSERT INTO types (id, c_text) VALUES (104, 're-inserted');
DELETE FROM types WHERE id IN (6, 109);
UPDATE types SET id = 201 WHERE id = 1;
UPDATE types SET id = 202 WHERE id = 102;
-- A changed key, and columns out of line that the log does not repeat.
UPDATE types SET id = 218 WHERE id = 18;
INSERT INTO types (id, c_text) VALUES (999, 'the last');
