package render

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// writeCSV writes a header and one line a row (RFC 4180, with line feeds). Null is
// an empty field, and the empty string a pair of quotes.
func writeCSV(s *Sink, sh *Shape, from Source) error {
	for i, o := range sh.outputs {
		if i > 0 {
			s.Buf = append(s.Buf, ',')
		}
		s.Buf = appendField(s.Buf, o.Name)
	}
	if sh.Document {
		s.Buf = append(s.Buf, ",document"...)
	}
	s.Buf = append(s.Buf, '\n')
	return from.Each(func(rows *store.Result) error {
		for i := range rows.Len() {
			if err := s.line(sh, from, rows, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// line writes the fields of a row.
func (s *Sink) line(sh *Shape, from Source, rows *store.Result, row int) error {
	s.Values = rows.AppendValues(s.Values[:0], row)
	for i := range sh.outputs {
		if i > 0 {
			s.Buf = append(s.Buf, ',')
		}
		s.Buf = appendValueField(s.Buf, &sh.outputs[i], s.Values[i])
	}
	if sh.Document {
		doc, _, err := from.Document(rows, row)
		if err != nil {
			return err
		}
		if s.Buf = append(s.Buf, ','); len(doc) > 0 {
			s.Buf = appendField(s.Buf, string(doc))
		}
	}
	s.Buf = append(s.Buf, '\n')
	return s.Grown()
}

func appendValueField(dst []byte, o *query.Output, v tables.Value) []byte {
	if v.IsNull() {
		return dst
	}
	switch v.Kind() {
	case tables.String, tables.JSON:
		return appendField(dst, v.Str())
	}
	return tables.AppendText(dst, o.Type, v)
}

// appendField appends text, in quotes where a reader would misread it bare.
func appendField(dst []byte, text string) []byte {
	if text != "" && !strings.ContainsAny(text, ",\"\r\n") && text[0] != ' ' && text[len(text)-1] != ' ' {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, text[:i+1]...), '"')
		text = text[i+1:]
	}
	return append(append(dst, text...), '"')
}
