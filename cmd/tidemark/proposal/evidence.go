package proposal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidemark/tidemark/cmd/tidemark/connector"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// evidence is what the values of a column have in common: what all of them could be.
type evidence struct {
	count    int
	example  []byte // the first value
	excluded uint32 // the readings of texts that a value has shown to be none
	words    int    // texts that are one word of letters
	short    bool   // every text could be the base64 of a decimal
	special  bool   // NaN or an infinity is among the texts
	numbers  numbers
	values   connector.Values
	items    *evidence // of arrays, nested ones included
	item     look      // what all items look like; lookNull when they differ
}

// offer is what a column could be beside what its JSON shows: a question, and the lines that
// take the place of the column's for each answer.
type offer struct {
	question string
	columns  []tables.Column
	unscaled bool   // the first column is a decimal whose scale nothing says
	when     string // for what the column is
}

// take looks at one more value.
func (e *evidence) take(raw []byte, l look) {
	raw = bytes.TrimSpace(raw)
	if l == lookNull || l == lookPlaceholder {
		return
	}
	if e.count++; e.count == 1 {
		e.example, e.short = bytes.Clone(raw), true
	}
	e.observe(raw, l)
	switch l {
	case lookText:
		e.text(raw)
	case lookSpecial:
		e.special = true
	case lookInt, lookFraction:
		e.numbers.take(string(raw))
	case lookArray:
		e.array(raw)
	}
}

// observe keeps what tells of a connector's settings.
func (e *evidence) observe(raw []byte, l look) {
	switch l {
	case lookInt:
		if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			e.values.Numbers.Take(i)
			return
		}
		e.values.Fractions++
	case lookFraction:
		e.values.Fractions++
	case lookText, lookSpecial:
		if text, ok := jsontext.Unquote(raw); ok && len(e.values.Texts) < connector.MostTexts {
			e.values.Texts = append(e.values.Texts, string(text[:min(len(text), connector.LongestText)]))
		}
	case lookBool:
		e.values.Bools++
	case lookArray:
		e.values.Arrays++
	case lookVarying:
		e.values.Varying++
	case lookNested:
		e.values.Objects++
	}
}

func (e *evidence) text(raw []byte) {
	text, ok := jsontext.Unquote(raw)
	if !ok || len(text) == 0 {
		e.excluded = ^uint32(0)
		return
	}
	for i, r := range readings {
		if e.excluded&(1<<i) == 0 && !r.is(raw, string(text)) {
			e.excluded |= 1 << i
		}
	}
	if word(string(text)) {
		e.words++
	}
	if numeral(string(text)) {
		e.numbers.take(string(text))
	}
	e.short = e.short && len(text) <= 24 // 16 bytes hold 38 digits
}

func (e *evidence) array(raw []byte) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	if e.items == nil {
		e.items = &evidence{}
	}
	for _, it := range list {
		l := lookOf(it)
		switch {
		case l == lookNull:
		case l == lookArray:
			e.array(it)
		case e.items.count == 0:
			e.item = l
			e.items.take(it, l)
		default:
			if l != e.item {
				e.item = lookNull
			}
			e.items.take(it, l)
		}
	}
}

// offer returns what values that look like this could be, or nothing when they are what they look like.
func (e *evidence) offer(l look) *offer {
	switch l {
	case lookText:
		return e.textOffer()
	case lookInt:
		return e.numbers.integerOffer(e.count)
	case lookFraction:
		return e.numbers.fractionOffer(e.count)
	case lookArray:
		return e.arrayOffer()
	}
	return nil
}

// arrayOffer offers the type of an array's items.
func (e *evidence) arrayOffer() *offer {
	if e.items == nil || e.item == lookNull {
		return nil
	}
	o := e.items.offer(e.item)
	if o == nil {
		return nil
	}
	o.question = "its items: " + o.question
	for i := range o.columns {
		c := &o.columns[i]
		typ := c.Type
		c.Type, c.Items = tables.Type{Kind: tables.JSON}, &typ
	}
	return o
}

// accepts reports whether the codec reads the value as the column declares it.
func accepts(c tables.Column, raw []byte) bool {
	_, reason := convert.Value(c.Type, convert.Declared(&c), raw)
	return reason == ""
}

// shown returns a value as it can be in a comment: on one line, and not all of a long one.
func shown(raw []byte) string {
	const most = 40
	var b strings.Builder
	n := 0
	for _, r := range string(raw) {
		if n++; n > most {
			return b.String() + "..."
		}
		if !unicode.IsPrint(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
