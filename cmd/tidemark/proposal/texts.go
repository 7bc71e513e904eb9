package proposal

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// textReading is something that a text may stand for.
type textReading struct {
	is     func(raw []byte, text string) bool
	plural string // what all values are
	one    string // what the column is then
	column tables.Column
}

// The places of readings that are more than one type.
const (
	readNumbers = 5
	readHex     = 6
	readBase64  = 7
)

// readings are those of textReadings, which every text is tried on.
var readings = textReadings()

func textReadings() []textReading {
	instant := column0(tables.Timestamp, tables.EncodingISOTimestamp)
	date, clock := column0(tables.Date, tables.EncodingISOTimestamp), column0(tables.Time, tables.EncodingISOTimestamp)
	document, id := column0(tables.JSON, tables.EncodingJSONString), column0(tables.UUID, tables.EncodingNone)
	return []textReading{
		{func(raw []byte, s string) bool { return len(s) == 36 && accepts(id, raw) }, "UUIDs", "a uuid", id},
		{func(raw []byte, s string) bool {
			return len(s) > 15 && (s[10] == 'T' || s[10] == ' ') && accepts(instant, raw)
		}, "ISO 8601", "an instant", instant},
		{func(raw []byte, s string) bool { return len(s) == 10 && s[4] == '-' && accepts(date, raw) }, "ISO 8601", "a date", date},
		{func(raw []byte, s string) bool { return len(s) > 4 && s[2] == ':' && accepts(clock, raw) }, "ISO 8601", "a time", clock},
		{func(raw []byte, s string) bool { return (s[0] == '{' || s[0] == '[') && accepts(document, raw) }, "JSON", "json", document},
		{func(_ []byte, s string) bool { return numeral(s) }, "numbers", "a number", tables.Column{}},
		{func(_ []byte, s string) bool { return hexadecimal(s) }, "hexadecimal", "bytes", column0(tables.Bytes, tables.EncodingBytesHex)},
		{func(_ []byte, s string) bool {
			_, err := base64.StdEncoding.Strict().DecodeString(s)
			return err == nil
		}, "base64", "bytes",
			column0(tables.Bytes, tables.EncodingBytesBase64)},
	}
}

// column0 returns a column without its name.
func column0(k tables.Kind, e tables.Encoding) tables.Column {
	return tables.Column{Type: tables.Type{Kind: k}, Encoding: e}
}

// textOffer offers the first reading that fits every text. Words are texts, though many of
// them would be base64, too.
func (e *evidence) textOffer() *offer {
	for i, r := range readings {
		if e.excluded&(1<<i) != 0 {
			continue
		}
		switch {
		case e.special && i != readNumbers:
			continue
		case i == readNumbers:
			return e.numbers.textOffer(e.count, e.special)
		case i == readBase64 && e.words == e.count:
			return nil
		case i == readBase64 && e.short:
			decimal := tables.Column{Type: tables.Type{Kind: tables.DecimalKind, Precision: tables.MaxPrecision}, Encoding: tables.EncodingDecimalBase64}
			return &offer{
				question: fmt.Sprintf("%s: a decimal of some digits after the point, bytes, or text?", all(e.count, r.plural)),
				columns:  []tables.Column{decimal, r.column}, unscaled: true,
			}
		}
		return &offer{question: fmt.Sprintf("%s: %s, or text?", all(e.count, r.plural), r.one), columns: []tables.Column{r.column}}
	}
	return nil
}

// all says that a number of values are something.
func all(n int, what string) string {
	if n == 1 {
		return "the only value is " + what
	}
	return fmt.Sprintf("all %d values are %s", n, what)
}

var (
	numeralForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,38})?$`)
	wordForm    = regexp.MustCompile(`^([A-Z]?[a-z]+|[A-Z]+)$`)
)

// numeral reports whether a text is a number that loses nothing when it is read as one. A postal
// code such as 00123 does.
func numeral(s string) bool { return len(s) <= tables.MaxPrecision+2 && numeralForm.MatchString(s) }

func word(s string) bool { return wordForm.MatchString(s) }

// hexadecimal reports whether a text is that of some bytes; digits alone are rather a number.
func hexadecimal(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) >= 8 && strings.ContainsAny(s, "abcdefABCDEF") && strings.ContainsAny(s, "0123456789")
}
