package sources

import "strings"

// postgresReasons are what Debezium for PostgreSQL changes on the way. docs/sources/postgresql.md says what avoids each.
func postgresReasons() []reason {
	return []reason{
		{title: "a generated column is in snapshots, and not in the log", columns: "c_gen"},
		{title: "a null under a default is the default", columns: "c_def", only: func(s Settings) bool { return !s.KeepNull }, view: "42", database: "null"},
		{title: "an array of arrays is nulls", columns: "c_int2d", view: "[null,null]"},
		{title: "an enum array with a null is null", columns: "c_enum_arr", view: "null"},
		{title: "composite types and tsquery are left out", columns: "c_comp c_tsquery", view: "null"},
		{title: "a time with a zone has all its digits in structured", columns: "c_timetz_text", only: inTime("structured")},
		{title: "a time with a zone is in UTC", columns: "c_timetz_text"},
		{title: "a date before 1582-10-15 in a snapshot is of the Julian calendar", columns: "c_date"},
		{title: "nanoseconds reach from 1677 to 2262, what is outside is null", columns: "c_ts c_ts3 c_ts0", only: inTime("nanoseconds"), view: "null"},
		{title: "connect keeps milliseconds", columns: "c_ts c_time", only: inTime("connect")},
		{title: "24:00:00 is 00:00:00 in isostring", columns: "c_time", only: inTime("isostring"), view: "00:00:00.000000", database: "24:00:00.000000"},
		{title: "24:00:00 is null in structured", columns: "c_time", only: inTime("structured"), view: "null", database: "24:00:00.000000"},
		{title: "numeric's NaN and infinities are null in precise", columns: "c_num c_num_12_3", only: inDecimal("precise"), view: "null"},
		{title: "numeric's NaN and infinities have other names in string", columns: "c_num", only: inDecimal("string")},
		{title: "a decimal column holds no NaN", columns: "c_num_12_3", view: "null", database: "NaN"},
		{title: "double keeps 17 digits", columns: "c_num c_num_38_10 c_money", only: inDecimal("double")},
		{title: "zeros at the end of a numeric without scale go, but in string", columns: "c_num", only: func(s Settings) bool { return s.Decimal != "string" }},
		{title: "an interval as a number ends at 292277 years", columns: "c_interval", view: "9223372036854775807"},
		{title: "an interval as text has all its members", columns: "c_interval", only: func(s Settings) bool { return s.Interval == "string" || s.Time == "structured" }},
		{title: "an unchanged bytea out of line is null in the base64 modes", columns: "c_big_bytea", only: func(s Settings) bool { return strings.HasPrefix(s.Binary, "base64") }, view: "null"},
		{title: "without a schema a bit string's leading zeros go", columns: "c_bit8 c_bit70 c_varbit", only: func(s Settings) bool { return !s.Schemas }},
		{title: "a varbit has its longest length", columns: "c_varbit", only: func(s Settings) bool { return s.Schemas }},
		{title: "items of an array stay as they were written", columns: "c_num_arr c_ts_arr"},
	}
}

func inTime(mode string) func(Settings) bool {
	return func(s Settings) bool { return s.Time == mode }
}

func inDecimal(mode string) func(Settings) bool {
	return func(s Settings) bool { return s.Decimal == mode }
}
