package connector

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
)

// told returns the setting by which a kind's values are written, the modes that can have written
// these, and those that likely have. Where values do not tell, can is empty.
func told(k Kind, c catalogue.Column, v Values) (of setting, can, likely some) {
	switch k {
	case Date, Clock, Duration, Instant:
		of, can, likely = timeMode, 0, 0
		if v.SchemaType != "" {
			can = bySchema(k, c, v)
			return of, can, can
		}
		can, likely = byLooks(k, c, v)
		return of, can, likely
	case ZonedClock, ZonedMoment:
		if v.Objects > 0 {
			can = only(timeMode, "structured")
		}
		return timeMode, can, can
	case Decimal, AnyDecimal:
		can, likely = decimals(k, c, v)
		return decimalMode, can, likely
	case Binary:
		can, likely = binaries(v)
		return binaryMode, can, likely
	case Interval:
		can = choice(v.Numbers.Count > 0, intervalMode, "numeric") | choice(len(v.Texts) > 0, intervalMode, "string")
		return intervalMode, can, can
	case Pairs:
		can = choice(len(v.Texts) > 0, hstoreMode, "json") | choice(v.Objects > 0, hstoreMode, "map")
		return hstoreMode, can, can
	case Unsigned:
		can = choice(v.Numbers.Count > 0, unsignedMode, "long") | choice(len(v.Texts) > 0, unsignedMode, "precise")
		return unsignedMode, can, can
	}
	return settings - 1, 0, 0
}

func choice(is bool, of setting, name string) some {
	if is {
		return only(of, name)
	}
	return 0
}

// bySchema returns the modes that write values under the schema's name.
func bySchema(k Kind, c catalogue.Column, v Values) (can some) {
	for i, name := range modes[timeMode] {
		e := timeEncoding(k, c.Fraction, name)
		kafka := strings.HasPrefix(v.Schema, "org.apache.kafka.connect.data.")
		if encodingOfSchema[v.Schema] == e && kafka == (name == "connect") {
			can |= 1 << i
		}
	}
	return can
}

// byLooks returns the modes that write values of these looks.
func byLooks(k Kind, c catalogue.Column, v Values) (can, likely some) {
	switch {
	case v.Objects > 0:
		can = only(timeMode, "structured")
		return can, can
	case len(v.Texts) > 0:
		can = only(timeMode, "isostring")
		return can, can
	case v.Numbers.Count == 0:
		return 0, 0
	}
	unit := v.Numbers.likely(k)
	for i, name := range modes[timeMode] {
		counts := unitOf(timeEncoding(k, c.Fraction, name))
		if name == "isostring" || name == "structured" || counts > 0 && !v.Numbers.fits(k, counts, c.Fraction) {
			continue
		}
		can |= 1 << i
		if counts == 0 || unit == 0 || counts == unit {
			likely |= 1 << i
		}
	}
	return can, likely
}

var numeralForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// decimals looks at how exact numbers are written.
func decimals(k Kind, c catalogue.Column, v Values) (can, likely some) {
	precise, text := only(decimalMode, "precise"), only(decimalMode, "string")
	switch {
	case v.Varying > 0, strings.HasSuffix(v.Schema, "Decimal"):
		return precise, precise
	case v.Numbers.Count+v.Fractions > 0:
		can = only(decimalMode, "double")
		return can, can
	case len(v.Texts) == 0:
		return 0, 0
	case k == AnyDecimal, v.SchemaType != "":
		return text, text
	}
	can, likely = precise|text, precise|text
	for _, s := range v.Texts {
		_, err := base64.StdEncoding.DecodeString(s)
		switch {
		case noNumber(s), err != nil:
			can &= text
		case !numeralForm.MatchString(s):
			can &= precise
		case c.Scale > 0 && !strings.Contains(s, "."):
			likely &= precise
		default:
			likely &= text
		}
	}
	if can&likely == 0 {
		likely = can
	}
	return can, likely
}

// noNumber reports whether a text is a name of what no decimal holds.
func noNumber(s string) bool {
	switch strings.ToUpper(s) {
	case "NAN", "NOT_A_NUMBER", "POSITIVE_INFINITY", "NEGATIVE_INFINITY", "INFINITY", "-INFINITY":
		return true
	}
	return false
}

// binaries looks at how bytes are written. Where all are hexadecimal, base64 hardly wrote them.
func binaries(v Values) (can, likely some) {
	if v.SchemaType == "bytes" {
		can = only(binaryMode, "bytes")
		return can, can
	}
	seen := false
	can, likely = all(binaryMode), only(binaryMode, "hex")
	for _, s := range v.Texts {
		seen = seen || s != ""
		if _, err := hex.DecodeString(s); err != nil || strings.ContainsAny(s, "ABCDEF") {
			can &^= only(binaryMode, "hex")
		} else if len(s)%4 != 0 {
			can &^= only(binaryMode, "bytes")
		}
	}
	switch {
	case !seen:
		return 0, 0
	case can&likely == 0:
		likely = can
	}
	return can, likely
}
