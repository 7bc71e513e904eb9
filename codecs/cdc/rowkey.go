package cdc

import (
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/extract"
	"github.com/tidemark/tidemark/codecs/jsontext"
	"github.com/tidemark/tidemark/tables"
)

// keyIn takes the key of a record that has none from the row that it deletes.
func (d *jsonDecoder) keyIn(image []byte, m []convert.Meaning) *codecs.Error {
	if jsontext.IsNull(image) || image[0] != '{' {
		return &codecs.Error{Field: "key", Reason: "null, so the deleted row has no address: the record does not hold the row either", Cause: codecs.ErrOtherKey}
	}
	found, err := d.keysIn(image, "before")
	if err != nil {
		return err
	}
	for i, at := range d.keyAt {
		if at < 0 {
			continue
		}
		where := "before." + strings.TrimPrefix(d.columns[i].Where(), d.below)
		if broken := found.Fault(i); broken != nil {
			return &codecs.Error{Field: "before." + broken.Field, Reason: broken.Reason}
		}
		raw := d.inCell(found.Raw[i])
		if jsontext.IsNull(raw) || d.holder.Is(raw) {
			return &codecs.Error{Field: where, Reason: "neither the record's key nor the deleted row has it", Cause: codecs.ErrOtherKey}
		}
		v, reason := convert.Value(d.columns[i].Type, m[i], raw)
		if reason != "" {
			return &codecs.Error{Field: where, Reason: reason}
		}
		d.key.values[at], d.key.given[at] = v, true
	}
	return nil
}

// keysIn finds the key's columns in another row than that at hand, which is in the member
// that where names: what was before, or is deleted. The next call overwrites what it returns.
func (d *jsonDecoder) keysIn(image []byte, where string) (*extract.Paths, *codecs.Error) {
	if d.images == nil {
		d.images = extract.New(len(d.columns), d.holder)
		for i := range d.columns {
			if d.keyAt[i] < 0 {
				continue
			}
			places := d.columns[i].Places()
			for j := range places {
				places[j] = strings.TrimPrefix(places[j], d.below)
			}
			d.images.AddPlaces(places, i)
		}
	}
	d.images.Reset()
	s := jsontext.Scan(image)
	if !d.images.Read(&s) {
		return nil, &codecs.Error{Field: where, Reason: s.Fault + ": " + jsontext.Clip(image)}
	}
	d.images.Settle()
	return d.images, nil
}

// confirmed compares a key that is a list without names with the row, whose key it must be.
func (d *jsonDecoder) confirmed(m []convert.Meaning) *codecs.Error {
	if !d.key.listed {
		return nil
	}
	for i, at := range d.keyAt {
		if at < 0 || jsontext.IsNull(d.row.Raw[i]) {
			continue
		}
		v, reason := convert.Value(d.columns[i].Type, m[i], d.row.Raw[i])
		if reason != "" || tables.Compare(v, d.key.values[at]) != 0 {
			return &codecs.Error{
				Field:  "key." + d.columns[i].Name,
				Reason: "the key's list has another value there than the row: the table's key must name the columns of the primary key in its order",
				Cause:  codecs.ErrOtherKey,
			}
		}
	}
	return nil
}
