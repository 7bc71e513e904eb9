package tables

import (
	"fmt"
	"strings"
)

// Encoding says how the source writes a value whose JSON alone does not say.
type Encoding string

// The encodings that a column can declare. Each turns what a converter wrote
// without a schema into the column's type; see docs/configuration.md.
const (
	EncodingNone          Encoding = ""
	EncodingDecimalBase64 Encoding = "decimal_base64" // base64 of a big-endian two's complement unscaled integer
	EncodingDecimalString Encoding = "decimal_string"
	EncodingEpochDays     Encoding = "epoch_days"
	EncodingEpochS        Encoding = "epoch_s"
	EncodingEpochMs       Encoding = "epoch_ms"
	EncodingEpochUs       Encoding = "epoch_us"
	EncodingEpochNs       Encoding = "epoch_ns"
	EncodingTimeMs        Encoding = "time_ms"
	EncodingTimeUs        Encoding = "time_us"
	EncodingTimeNs        Encoding = "time_ns"
	EncodingISOTimestamp  Encoding = "iso_timestamp"
	EncodingDurationUs    Encoding = "duration_us"
	EncodingBytesBase64   Encoding = "bytes_base64"
	EncodingBytesHex      Encoding = "bytes_hex"
	EncodingJSONString    Encoding = "json_string"
	EncodingBitsLE        Encoding = "bits_le"
	EncodingUint64Wrapped Encoding = "uint64_wrapped"
	EncodingStructured    Encoding = "structured"    // an object of calendar and clock parts
	EncodingExtendedJSON  Encoding = "extended_json" // MongoDB's: {"$numberLong":"7"}, and a key that is JSON in text
)

// Encodings lists the encodings that a column can declare.
func Encodings() []Encoding {
	return []Encoding{
		EncodingDecimalBase64, EncodingDecimalString, EncodingEpochDays, EncodingEpochS, EncodingEpochMs, EncodingEpochUs,
		EncodingEpochNs, EncodingTimeMs, EncodingTimeUs, EncodingTimeNs, EncodingISOTimestamp, EncodingDurationUs,
		EncodingBytesBase64, EncodingBytesHex, EncodingJSONString, EncodingBitsLE, EncodingUint64Wrapped, EncodingStructured,
		EncodingExtendedJSON,
	}
}

// ParseEncoding reads an encoding as it is written in a configuration.
func ParseEncoding(s string) (Encoding, error) {
	if s == "" {
		return EncodingNone, nil
	}
	var names []string
	for _, e := range Encodings() {
		if string(e) == s {
			return e, nil
		}
		names = append(names, string(e))
	}
	return "", fmt.Errorf("%q is no encoding; the encodings are %s", s, strings.Join(names, ", "))
}
