-- Every type of MariaDB, and the values at their edges. Rows 1 to 9 are there when a connector takes its snapshot;
-- mariadb_types_stream.sql writes the same ones again, so that each value goes both ways. Left out is what stops a
-- connector: INET6 (MariaDB's, which cannot read the statement), UUID (MySQL's, likewise), and the year 0000.
CREATE TABLE types (
  id int PRIMARY KEY,
  c_tiny tinyint, c_tiny_u tinyint unsigned, c_bool tinyint(1), c_small smallint, c_small_u smallint unsigned,
  c_medium mediumint, c_medium_u mediumint unsigned, c_int int, c_int_u int unsigned, c_big bigint, c_big_u bigint unsigned,
  c_dec decimal(10,2), c_dec_38 decimal(38,10), c_dec_u decimal(12,3) unsigned,
  c_float float, c_double double,
  c_char char(5), c_varchar varchar(20), c_text text, c_long longtext, c_latin varchar(20) CHARACTER SET latin1,
  c_binary binary(4), c_varbinary varbinary(20), c_blob blob,
  c_date date, c_time time, c_time3 time(3), c_time6 time(6),
  c_dt datetime, c_dt3 datetime(3), c_dt6 datetime(6),
  c_ts timestamp NULL DEFAULT NULL, c_ts3 timestamp(3) NULL DEFAULT NULL, c_ts6 timestamp(6) NULL DEFAULT NULL,
  c_year year,
  c_enum enum('sad', 'ok', 'happy ☺'), c_set set('a', 'b', 'c'),
  c_bit1 bit(1), c_bit8 bit(8), c_bit64 bit(64),
  c_json json,
  c_point point,
  c_def varchar(10) DEFAULT 'dd', c_def_int int DEFAULT 42,
  c_stored int GENERATED ALWAYS AS (c_int % 1000) STORED, c_virtual int GENERATED ALWAYS AS (c_int % 1000) VIRTUAL,
  `C Weird"Col` text
);
SET sql_mode = '';
INSERT INTO types (id, c_tiny, c_tiny_u, c_bool, c_small, c_small_u, c_medium, c_medium_u, c_int, c_int_u, c_big, c_big_u, c_dec, c_dec_38, c_dec_u,
    c_float, c_double, c_char, c_varchar, c_text, c_long, c_latin, c_binary, c_varbinary, c_blob, c_date, c_time, c_time3, c_time6,
    c_dt, c_dt3, c_dt6, c_ts, c_ts3, c_ts6, c_year, c_enum, c_set, c_bit1, c_bit8, c_bit64, c_json, c_point, `C Weird"Col`)
  VALUES (1, 1, 2, 1, 3, 4, 5, 6, 123456, 8, 1234567890123, 10, 12345.67, 1234567890.0123456789, 1.234,
    1.5, 2.718281828459045, 'ab', 'varchar', 'hello', 'long', 'é', x'00ff', x'00ff10', x'00ff10', '2024-02-29', '12:34:56', '12:34:56.789', '12:34:56.789012',
    '2024-02-29 12:34:56', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012',
    2024, 'ok', 'a,c', 1, b'10101010', x'ffffffffffffffff', '{"b": 1,  "a": [1, 2.50, null]}', POINT(1.5, -2.25), 'w'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO types (id, c_def, c_def_int) VALUES (3, NULL, NULL);
INSERT INTO types (id, c_tiny, c_bool, c_small, c_medium, c_int, c_big, c_big_u, c_dec, c_dec_38, c_dec_u, c_float, c_double, c_char, c_text, c_binary, c_blob,
    c_date, c_time, c_time3, c_time6, c_dt, c_dt6, c_ts, c_ts6, c_year, c_set, c_bit1, c_bit8, c_bit64, c_json)
  VALUES (4, -128, 0, -32768, -8388608, -2147483648, -9223372036854775808, 0, -99999999.99, -9999999999999999999999999999.9999999999, 0, -3.40282e38, -1.7976931348623157e308, '', '', '', '',
    '1000-01-01', '-838:59:59', '00:00:00', '-00:00:00.000001', '1000-01-01 00:00:00', '1000-01-01 00:00:00.000000', '1970-01-01 00:00:01', '1970-01-01 00:00:01.000000',
    1901, '', 0, 0, 0, 'null');
INSERT INTO types (id, c_tiny, c_tiny_u, c_bool, c_small, c_small_u, c_medium, c_medium_u, c_int, c_int_u, c_big, c_big_u, c_dec, c_dec_38, c_dec_u, c_float, c_double, c_varchar,
    c_date, c_time, c_time3, c_time6, c_dt, c_dt3, c_dt6, c_ts, c_ts3, c_ts6, c_year, c_enum, c_set, c_bit8, c_json)
  VALUES (5, 127, 255, 1, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, 99999999.99, 9999999999999999999999999999.9999999999, 999999999.999,
    3.40282e38, 1.7976931348623157e308, 'xxxxxxxxxxxxxxxxxxxx', '9999-12-31', '838:59:59', '23:59:59.999', '838:59:59.999999',
    '9999-12-31 23:59:59', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07', '2038-01-19 03:14:07.999', '2038-01-19 03:14:07.999999',
    2155, 'happy ☺', 'a,b,c', 1, '[]');
INSERT INTO types (id, c_varchar, c_text, c_latin, c_json, `C Weird"Col`) VALUES (6, '日本語', 'emoji 😀 quote " back\\slash nl\n tab\t', 'ÀÿÉ', '{"k😀": "\\u2028"}', '😀');
-- Bounds of what a signed 64-bit integer holds, and values just around an epoch.
INSERT INTO types (id, c_big, c_big_u, c_date, c_dt6, c_time6, c_double, c_float) VALUES (7, 9007199254740993, 9223372036854775808, '1969-12-31', '1969-12-31 23:59:59.999999', '00:00:00.000001', 1e23, 0.1);
-- What is no date, and a cutover of calendars.
INSERT INTO types (id, c_date, c_dt, c_dt6) VALUES (8, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00');
INSERT INTO types (id, c_date, c_dt) VALUES (9, '1582-10-10', '1582-10-10 00:00:00');
