package connector

import (
	"fmt"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// reason says where a declaration comes from, where that is not obvious.
func (d *Declared) reason(k Kind, c catalogue.Column, v Values, by origin, of setting, mode string) {
	d.Why = short(c.Declared)
	switch {
	case v.SchemaType != "" && d.Encoding == tables.EncodingNone:
		d.Why = "" // the schema says it
	case d.Encoding == tables.EncodingNone && by == byValues:
		d.Why = ""
	case !bySetting(k):
		if d.Encoding == tables.EncodingNone {
			d.Why = ""
		}
	case by == byValues:
		d.Why += fmt.Sprintf(", written as by %s=%s, as %s", settingNames[of], mode, counted(v.Seen()))
	case by == bySiblings:
		d.Why += fmt.Sprintf(", no value seen: written as other columns are, by %s=%s", settingNames[of], mode)
	default:
		d.Sure = false
		d.Why += fmt.Sprintf(", no value seen: written as by default, %s=%s", settingNames[of], mode)
	}
	d.limits(k, c)
}

// short cuts a type that names many values.
func short(declared string) string {
	const most = 60
	if len(declared) > most {
		return strings.ToValidUTF8(declared[:most], "") + "..."
	}
	return declared
}

// bySetting reports whether a setting says how a kind is written.
func bySetting(k Kind) bool {
	switch k {
	case Date, Clock, Duration, Instant, Decimal, AnyDecimal, Binary, Interval, Pairs, Unsigned:
		return true
	}
	return false
}

func counted(n int) string {
	if n == 1 {
		return "the only value shows"
	}
	return fmt.Sprintf("%d values show", n)
}

// limits says what of the type only a person knows, and what it does not hold.
func (d *Declared) limits(k Kind, c catalogue.Column) {
	other := d.Column
	switch {
	case k == AnyDecimal && d.Type.Kind == tables.String:
		d.say("it has no scale, and a text holds every number")
	case k == AnyDecimal:
		d.say("as floats the records have lost digits")
	case k == Decimal && c.Precision > tables.MaxPrecision && d.Type.Kind != tables.String:
		d.say("a number of more than 38 digits is a dead letter")
	case k == Duration && d.Type.Kind == tables.String:
		other.Type.Kind = tables.Time
		d.Other, d.Of = &other, "if all are times within a day"
		d.say("time reaches from -838:59:59 to 838:59:59")
	case k == Flag:
		other.Type.Kind = tables.Bool
		d.Other, d.Of = &other, "if it holds 0 and 1 alone"
	}
}

// say adds to the reason.
func (d *Declared) say(text string) {
	if d.Why != "" {
		text = d.Why + "; " + text
	}
	d.Why = text
}
