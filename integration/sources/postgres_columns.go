package sources

import _ "embed"

//go:embed postgres_types.sql
var postgresTypes string

//go:embed postgres_types_stream.sql
var postgresStream string

// postgresColumns are the columns of table types: name in the view < at the source, type, kind, SQL.
func postgresColumns() []column { return parseColumns(postgresColumnLines) }

const postgresColumnLines = `
id | int64 |
c_smallint | int64 |
c_int | int64 |
c_bigint | int64 |
c_serial | int64 |
c_num_12_3 | decimal(12,3)? | decimal
c_num_38_10 | decimal(38,10)? | decimal
c_num_10_0 | decimal(10,0) | decimal
c_num | string | decimal
c_money | decimal(20,2) | decimal | c_money::numeric
c_real | float64 |
c_double | float64 |
c_bool | bool | | c_bool::text
c_char | string |
c_varchar | string |
c_text | string |
c_bytea | bytes | binary | replace(encode(c_bytea, 'base64'), E'\n', '')
c_date | date | date | CASE WHEN isfinite(c_date) THEN (c_date - date '1970-01-01')::text ELSE c_date::text END
c_time | time | time | (extract(epoch FROM c_time) * 1e6)::bigint
c_time3 | time | seconds | (extract(epoch FROM c_time3) * 1e6)::bigint
c_timetz | time | zoned | (extract(epoch FROM (c_timetz AT TIME ZONE 'UTC')::time) * 1e6)::bigint
c_timetz_text < c_timetz | string | offset | c_timetz
c_ts | timestamp | micros | CASE WHEN isfinite(c_ts) THEN (extract(epoch FROM c_ts) * 1e6)::bigint::text ELSE c_ts::text END
c_ts3 | timestamp | millis | CASE WHEN isfinite(c_ts3) THEN (extract(epoch FROM c_ts3) * 1e6)::bigint::text ELSE c_ts3::text END
c_ts0 | timestamp | millis | (extract(epoch FROM c_ts0) * 1e6)::bigint
c_tstz | timestamp | zoned | CASE WHEN isfinite(c_tstz) THEN (extract(epoch FROM c_tstz) * 1e6)::bigint::text ELSE c_tstz::text END
c_tstz3 | timestamp | zoned | CASE WHEN isfinite(c_tstz3) THEN (extract(epoch FROM c_tstz3) * 1e6)::bigint::text ELSE c_tstz3::text END
c_interval | int64 | interval |
c_uuid | uuid |
c_json | json | document |
c_jsonb | json | document |
c_xml | string |
c_inet | string | | abbrev(c_inet)
c_cidr | string |
c_macaddr | string |
c_macaddr8 | string |
c_int_arr | json | | to_jsonb(c_int_arr)
c_text_arr | json | | to_jsonb(c_text_arr)
c_num_arr | json | | to_jsonb(c_num_arr)
c_bool_arr | json | | to_jsonb(c_bool_arr)
c_ts_arr | json | | to_jsonb(c_ts_arr)
c_uuid_arr | json | | to_jsonb(c_uuid_arr)
c_int2d | json | | to_jsonb(c_int2d)
c_enum | string |
c_enum_arr | json | | to_jsonb(c_enum_arr)
c_hstore | json | hstore | hstore_to_jsonb(c_hstore)
c_bit1 | bool | | CASE c_bit1 WHEN B'1' THEN 'true' WHEN B'0' THEN 'false' END
c_bit8 | string | bits |
c_bit70 | string | bits |
c_varbit | string | bits |
c_point_x < c_point.x | float64 | | c_point[0]
c_point_y < c_point.y | float64 | | c_point[1]
c_int4range | string |
c_int8range | string |
c_numrange | string |
c_tsrange | string |
c_tstzrange | string |
c_daterange | string |
c_tsvector | string |
c_citext | string |
c_ltree | string |
c_oid | int64 |
c_posint | int64 |
c_def | int64 |
c_gen | int64 |
c_box < c_box.wkb | bytes | | c_box
c_comp | string |
c_tsquery | string |
weird < C Weird"Col | string | | "C Weird""Col"
c_big | string |
c_big_bytea | bytes | binary | replace(encode(c_big_bytea, 'base64'), E'\n', '')
c_big_jsonb | json | document |
c_big_texts | json | | to_jsonb(c_big_texts)
c_big_ints | json | | to_jsonb(c_big_ints)
c_big_uuids | json | | to_jsonb(c_big_uuids)
c_big_hstore | json | hstore | hstore_to_jsonb(c_big_hstore)
`
