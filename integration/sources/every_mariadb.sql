-- A table of every type of MariaDB, with values that no setting of a connector loses. The last row holds nulls.
CREATE TABLE <table> (
  id bigint unsigned, day date, part varchar(20),
  c_tiny tinyint NOT NULL DEFAULT 0, c_tiny_u tinyint unsigned, c_bool tinyint(1), c_small smallint, c_small_u smallint unsigned, c_medium mediumint, c_medium_u mediumint unsigned,
  c_int int, c_int_u int unsigned, c_big bigint, c_big_u bigint unsigned, c_dec decimal(10,2), c_dec_30 decimal(30,10), c_dec_u decimal(12,3) unsigned, c_dec_0 decimal(8,0),
  c_float float, c_double double, c_year year,
  c_char char(5), c_varchar varchar(20), c_text text, c_tinytext tinytext, c_mediumtext mediumtext, c_long longtext, c_latin varchar(20) CHARACTER SET latin1,
  c_enum enum('sad', 'ok', 'happy ☺'), c_set set('a', 'b', 'c'),
  c_binary binary(4), c_varbinary varbinary(20), c_blob blob, c_tinyblob tinyblob, c_longblob longblob,
  c_date date, c_time time, c_time3 time(3), c_time6 time(6), c_dt datetime, c_dt3 datetime(3), c_dt6 datetime(6),
  c_ts timestamp NULL DEFAULT NULL, c_ts3 timestamp(3) NULL DEFAULT NULL, c_ts6 timestamp(6) NULL DEFAULT NULL,
  c_bit1 bit(1), c_bit8 bit(8), c_bit64 bit(64), c_json json, c_point point, c_line linestring, c_poly polygon, c_geom geometry,
  c_stored int GENERATED ALWAYS AS (c_tiny + 1) STORED, c_virtual int GENERATED ALWAYS AS (c_tiny + 2) VIRTUAL, `C Weird"Col` text, `läänge` int,
  PRIMARY KEY (part, day, id)
);
INSERT INTO <table> (id, day, part, c_tiny, c_tiny_u, c_bool, c_small, c_small_u, c_medium, c_medium_u, c_int, c_int_u, c_big, c_big_u, c_dec, c_dec_30, c_dec_u, c_dec_0, c_float, c_double, c_year,
  c_char, c_varchar, c_text, c_tinytext, c_mediumtext, c_long, c_latin, c_enum, c_set, c_binary, c_varbinary, c_blob, c_tinyblob, c_longblob, c_date, c_time, c_time3, c_time6, c_dt, c_dt3, c_dt6, c_ts, c_ts3, c_ts6,
  c_bit1, c_bit8, c_bit64, c_json, c_point, c_line, c_poly, c_geom, `C Weird"Col`, `läänge`)
SELECT seq, date '2026-01-01' + INTERVAL seq DAY, concat('part ', seq % 3), seq, 200 + seq, seq % 2, -seq, 65000 + seq, -seq, 16000000 + seq, seq * 1000, 4294967200 + seq, seq * 10000000000, 18446744073709551600 + seq,
  seq * 1.25, seq * 1234567890.0123456789, seq * 1.125, seq * 1000, seq * 1.5, seq / 3.0, 2000 + seq,
  concat('c', seq), concat('varchar ', seq), concat('a text, number ', seq), 'tiny', 'medium', 'long', 'é', elt(seq % 3 + 1, 'sad', 'ok', 'happy ☺'), 'a,c', unhex('00ff10fe'), unhex(md5(seq)), unhex(md5(seq)), unhex(md5(seq)), unhex(md5(seq)),
  date '2024-02-28' + INTERVAL seq DAY, '12:34:56', '12:34:56.789', '12:34:56.789012', timestamp '2024-02-29 12:34:56' + INTERVAL seq DAY, timestamp '2024-02-29 12:34:56.789' + INTERVAL seq DAY, timestamp '2024-02-29 12:34:56.789012' + INTERVAL seq DAY,
  timestamp '2024-02-29 12:34:56' + INTERVAL seq DAY, timestamp '2024-02-29 12:34:56.789' + INTERVAL seq DAY, timestamp '2024-02-29 12:34:56.789012' + INTERVAL seq DAY,
  seq % 2, seq, seq, concat('{"b": ', seq, ',  "a": [1, 2.50, null]}'), POINT(seq, -2.25), ST_GeomFromText('LINESTRING(0 0,1 1,2 2)'), ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0))'), ST_GeomFromText('POINT(1 2)', 4326), concat('w', seq), seq
FROM seq_1_to_12;
INSERT INTO <table> (id, day, part) VALUES (100, '2026-06-30', 'nulls')
