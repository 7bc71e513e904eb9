-- What happens to the rows of mariadb_types.sql while connectors follow the log. Row 999 comes last.
SET sql_mode = '';
INSERT INTO types (id, c_tiny, c_tiny_u, c_bool, c_small, c_small_u, c_medium, c_medium_u, c_int, c_int_u, c_big, c_big_u, c_dec, c_dec_38, c_dec_u,
    c_float, c_double, c_char, c_varchar, c_text, c_long, c_latin, c_binary, c_varbinary, c_blob, c_date, c_time, c_time3, c_time6,
    c_dt, c_dt3, c_dt6, c_ts, c_ts3, c_ts6, c_year, c_enum, c_set, c_bit1, c_bit8, c_bit64, c_json, c_point, c_def, c_def_int, `C Weird"Col`)
  SELECT id + 100, c_tiny, c_tiny_u, c_bool, c_small, c_small_u, c_medium, c_medium_u, c_int, c_int_u, c_big, c_big_u, c_dec, c_dec_38, c_dec_u,
    c_float, c_double, c_char, c_varchar, c_text, c_long, c_latin, c_binary, c_varbinary, c_blob, c_date, c_time, c_time3, c_time6,
    c_dt, c_dt3, c_dt6, c_ts, c_ts3, c_ts6, c_year, c_enum, c_set, c_bit1, c_bit8, c_bit64, c_json, c_point, c_def, c_def_int, `C Weird"Col`
  FROM types WHERE id < 100;
UPDATE types SET c_text = 'changed' WHERE id IN (6, 106);
UPDATE types SET c_dec = NULL, c_dt = NULL, c_json = NULL WHERE id = 5;
DELETE FROM types WHERE id = 104;
INSERT INTO types (id, c_text) VALUES (104, 're-inserted');
DELETE FROM types WHERE id IN (9, 103);
UPDATE types SET id = 201 WHERE id = 1;
UPDATE types SET id = 202 WHERE id = 102;
ALTER TABLE types ADD COLUMN c_added int DEFAULT 7, MODIFY COLUMN c_varchar varchar(200);
UPDATE types SET c_added = 8, c_varchar = repeat('y', 150) WHERE id = 107;
INSERT INTO types (id, c_text, c_added) VALUES (999, 'the last', 9);
