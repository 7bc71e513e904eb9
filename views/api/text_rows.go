package api

import (
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// writeNDJSON writes one JSON object a line. Embedded JSON may have line breaks
// between its tokens, never inside of them: they become spaces.
func (a *API) writeNDJSON(s *sink, rd *reading) error {
	return rd.each(s, func(rows *store.Result) error {
		for i := range rows.Len() {
			from := len(s.buf)
			if err := s.row(rd, rows, i); err != nil {
				return err
			}
			joinLines(s.buf[from:])
			s.buf = append(s.buf, '\n')
			if err := s.grown(); err != nil {
				return err
			}
		}
		return nil
	})
}

func joinLines(row []byte) {
	for i, c := range row {
		if c == '\n' || c == '\r' {
			row[i] = ' '
		}
	}
}

// writeCSV writes a header and one line a row (RFC 4180, with line feeds). Null is
// an empty field, and the empty string a pair of quotes.
func (a *API) writeCSV(s *sink, rd *reading) error {
	for i, o := range rd.shape.outputs {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = appendField(s.buf, o.Name)
	}
	if rd.shape.document {
		s.buf = append(s.buf, ",document"...)
	}
	s.buf = append(s.buf, '\n')
	return rd.each(s, func(rows *store.Result) error {
		for i := range rows.Len() {
			if err := s.line(rd, rows, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// line writes the fields of a row.
func (s *sink) line(rd *reading, rows *store.Result, row int) error {
	s.call.values = rows.AppendValues(s.call.values[:0], row)
	for i := range rd.shape.outputs {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = appendValueField(s.buf, &rd.shape.outputs[i], s.call.values[i])
	}
	if rd.shape.document {
		doc, _, err := rd.documentOf(rows, row)
		if err != nil {
			return err
		}
		if s.buf = append(s.buf, ','); len(doc) > 0 {
			s.buf = appendField(s.buf, string(doc))
		}
	}
	s.buf = append(s.buf, '\n')
	return s.grown()
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
