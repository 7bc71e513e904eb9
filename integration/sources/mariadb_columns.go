package sources

import _ "embed"

//go:embed mariadb_types.sql
var mariadbTypes string

//go:embed mariadb_types_stream.sql
var mariadbStream string

// mariadbColumns are the columns of table types: name in the view < at the source, type, kind, SQL.
func mariadbColumns() []column { return parseColumns(mariadbColumnLines) }

const mariadbColumnLines = `
id | int64 |
c_tiny | int64 |
c_tiny_u | int64 |
c_bool | bool | | IF(c_bool, 'true', IF(c_bool IS NULL, NULL, 'false'))
c_small | int64 |
c_small_u | int64 |
c_medium | int64 |
c_medium_u | int64 |
c_int | int64 |
c_int_u | int64 |
c_big | int64 |
c_big_u | decimal(20,0) | unsigned |
c_dec | decimal(10,2) | decimal |
c_dec_38 | decimal(38,10)? | decimal |
c_dec_u | decimal(12,3) | decimal |
c_float | float64 |
c_double | float64 |
c_char | string |
c_varchar | string |
c_text | string |
c_long | string |
c_latin | string |
c_binary | bytes | binary | to_base64(c_binary)
c_varbinary | bytes | binary | to_base64(c_varbinary)
c_blob | bytes | binary | to_base64(c_blob)
c_date | date | date | IF(c_date = 0, c_date, datediff(c_date, '1970-01-01'))
c_time | int64 | duration | CAST(time_to_sec(c_time) * 1000000 AS int)
c_time3 | int64 | duration | CAST(time_to_sec(c_time3) * 1000000 AS int)
c_time6 | int64 | duration | CAST(time_to_sec(c_time6) * 1000000 AS int)
c_dt | timestamp | millis | IF(c_dt = 0, c_dt, timestampdiff(MICROSECOND, '1970-01-01', c_dt))
c_dt3 | timestamp | millis | timestampdiff(MICROSECOND, '1970-01-01', c_dt3)
c_dt6 | timestamp | micros | IF(c_dt6 = 0, c_dt6, timestampdiff(MICROSECOND, '1970-01-01', c_dt6))
c_ts | timestamp | timestamp | timestampdiff(MICROSECOND, '1970-01-01', c_ts)
c_ts3 | timestamp | timestamp | timestampdiff(MICROSECOND, '1970-01-01', c_ts3)
c_ts6 | timestamp | timestamp | timestampdiff(MICROSECOND, '1970-01-01', c_ts6)
c_year | int64 |
c_enum | string |
c_set | string |
c_bit1 | bool | | IF(c_bit1, 'true', IF(c_bit1 IS NULL, NULL, 'false'))
c_bit8 | int64 | bits | c_bit8 + 0
c_bit64 | decimal(20,0) | bits | CAST(c_bit64 AS unsigned)
c_json | json | longtext |
c_point_x < c_point.x | float64 | | ST_X(c_point)
c_point_y < c_point.y | float64 | | ST_Y(c_point)
c_def | string |
c_def_int | int64 |
c_stored | int64 |
c_virtual | int64 |
c_added | int64 |
weird < C Weird"Col | string | | ` + "`C Weird\"Col`" + `
`

// mariadbSettings: MariaDB's connector and MySQL's, which reads the same server.
func mariadbSettings() []Settings {
	return []Settings{
		{Name: "b1", Time: "adaptive_time_microseconds", Schemas: true, Unsigned: "long", Decimal: "precise", Binary: "bytes"},
		{Name: "b2", Time: "adaptive_time_microseconds", Flat: "tombstone", Unsigned: "precise", Decimal: "string", Binary: "hex", KeepNull: true},
		{Name: "b3", Time: "connect", Schemas: true, Flat: "rewrite", Unsigned: "precise", Decimal: "double", Binary: "base64", KeepNull: true},
		{Name: "b4", Time: "connect", Unsigned: "long", Decimal: "string", Binary: "base64-url-safe"},
		{Name: "b5", Time: "isostring", Schemas: true, Unsigned: "long", Decimal: "string", Binary: "hex", KeepNull: true},
		{Name: "b6", Time: "microseconds", Flat: "delete-to-tombstone", Unsigned: "long", Decimal: "precise", Binary: "base64"},
		{Name: "b7", Time: "nanoseconds", Schemas: true, Unsigned: "precise", Decimal: "precise", Binary: "base64-url-safe"},
		{Name: "y1", MySQL: true, Time: "adaptive_time_microseconds", Unsigned: "long", Decimal: "precise", Binary: "bytes", KeepNull: true},
		{Name: "y2", MySQL: true, Time: "connect", Schemas: true, Flat: "rewrite", Unsigned: "precise", Decimal: "double", Binary: "hex"},
	}
}
