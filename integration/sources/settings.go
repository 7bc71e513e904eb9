package sources

import "strconv"

// Settings are one combination of a connector's and its converters' settings. An empty member is the default.
type Settings struct {
	Name string // also the prefix of topics

	Time     string // time.precision.mode
	Decimal  string // decimal.handling.mode
	Binary   string // binary.handling.mode
	Interval string // interval.handling.mode
	HStore   string // hstore.handling.mode
	Unsigned string // bigint.unsigned.handling.mode

	Schemas     bool   // schemas.enable of both converters
	KeepNull    bool   // replace.null.with.default=false
	Flat        string // delete.tombstone.handling.mode of the flattening transform; empty for the whole envelope
	Placeholder string // unavailable.value.placeholder
	MySQL       bool   // MySQL's connector instead of MariaDB's
}

// format is the source format of a table behind the connector.
func (s Settings) format() string {
	if s.Flat != "" {
		return "flattened-json"
	}
	return "debezium-json"
}

// apply adds the settings to a connector's configuration.
func (s Settings) apply(config map[string]string) map[string]string {
	for key, value := range map[string]string{
		"time.precision.mode":           s.Time,
		"decimal.handling.mode":         s.Decimal,
		"binary.handling.mode":          s.Binary,
		"interval.handling.mode":        s.Interval,
		"hstore.handling.mode":          s.HStore,
		"bigint.unsigned.handling.mode": s.Unsigned,
		"unavailable.value.placeholder": s.Placeholder,
	} {
		if value != "" {
			config[key] = value
		}
	}
	for _, side := range []string{"key", "value"} {
		config[side+".converter"] = "org.apache.kafka.connect.json.JsonConverter"
		config[side+".converter.schemas.enable"] = strconv.FormatBool(s.Schemas)
		config[side+".converter.replace.null.with.default"] = strconv.FormatBool(!s.KeepNull)
	}
	if s.Flat != "" {
		config["transforms"] = "unwrap"
		config["transforms.unwrap.type"] = "io.debezium.transforms.ExtractNewRecordState"
		config["transforms.unwrap.delete.tombstone.handling.mode"] = s.Flat
		config["transforms.unwrap.replace.null.with.default"] = strconv.FormatBool(!s.KeepNull)
	}
	return config
}

// postgresSettings are such that every value of every setting meets both settings of schemas and both forms, the
// envelope and the flattened row, and every precision of time meets both settings of schemas.
func postgresSettings() []Settings {
	return []Settings{
		{Name: "a1", Time: "adaptive", Schemas: true, Decimal: "precise", Binary: "bytes", Interval: "numeric", HStore: "json"},
		{Name: "a2", Time: "adaptive", Flat: "tombstone", Decimal: "string", Binary: "hex", Interval: "string", HStore: "map", KeepNull: true},
		{Name: "m1", Time: "adaptive_time_microseconds", Schemas: true, Flat: "rewrite", Decimal: "string", Binary: "base64", Interval: "string", HStore: "map"},
		{Name: "m2", Time: "adaptive_time_microseconds", Decimal: "double", Binary: "base64-url-safe", Interval: "numeric", HStore: "json", KeepNull: true, Placeholder: "not here"},
		{Name: "c1", Time: "connect", Schemas: true, Decimal: "double", Binary: "hex", Interval: "string", HStore: "json", KeepNull: true},
		{Name: "c2", Time: "connect", Flat: "delete-to-tombstone", Decimal: "precise", Binary: "base64", Interval: "numeric", HStore: "map", Placeholder: "not here"},
		{Name: "i1", Time: "isostring", Schemas: true, Flat: "rewrite-with-tombstone", Decimal: "string", Binary: "base64-url-safe", Interval: "numeric", HStore: "map", KeepNull: true},
		{Name: "i2", Time: "isostring", Decimal: "precise", Binary: "bytes", Interval: "string", HStore: "json"},
		{Name: "u1", Time: "microseconds", Schemas: true, Flat: "tombstone", Decimal: "double", Binary: "bytes", Interval: "numeric", HStore: "map"},
		{Name: "u2", Time: "microseconds", Decimal: "string", Binary: "base64", Interval: "string", HStore: "json", KeepNull: true},
		{Name: "n1", Time: "nanoseconds", Schemas: true, Decimal: "precise", Binary: "base64-url-safe", Interval: "string", HStore: "map", KeepNull: true},
		{Name: "s1", Time: "structured", Schemas: true, Decimal: "precise", Binary: "bytes", Interval: "string", HStore: "json", KeepNull: true},
		{Name: "s2", Time: "structured", Flat: "tombstone", Decimal: "string", Binary: "bytes", Interval: "numeric", HStore: "map", KeepNull: true},
		{Name: "n2", Time: "nanoseconds", Flat: "rewrite", Decimal: "double", Binary: "hex", Interval: "numeric", HStore: "json"},
	}
}
