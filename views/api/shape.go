package api

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// shape is how the rows of an answer are written.
type shape struct {
	outputs  []query.Output
	lead     [][]byte // what stands before each value in a JSON row: {"id":
	quote    bool     // int64 and decimal as strings
	document bool
}

func wholeShape(t *tables.Table) *shape {
	return newShape(&query.Request{Query: query.Query{Select: query.SelectAll(t)}})
}

func newShape(q *query.Request) *shape {
	s := &shape{outputs: q.Select, lead: make([][]byte, len(q.Select)), quote: q.QuoteNumbers, document: q.Document}
	open := byte('{')
	for i, o := range s.outputs {
		s.lead[i] = append(tables.AppendJSONString([]byte{open}, o.Name), ':')
		open = ','
	}
	return s
}

// appendValues appends a JSON row, but for its end, of the values of a table's row.
func (s *shape) appendValues(dst []byte, values []tables.Value) []byte {
	for i := range s.outputs {
		o := &s.outputs[i]
		dst = append(dst, s.lead[i]...)
		dst = tables.AppendJSON(dst, o.Type, values[o.Column], s.quote)
	}
	return dst
}

// appendRow appends a JSON row, but for its end, of the values of an answer's row.
func (s *shape) appendRow(dst []byte, values []tables.Value) []byte {
	for i := range s.outputs {
		dst = append(dst, s.lead[i]...)
		dst = tables.AppendJSON(dst, s.outputs[i].Type, values[i], s.quote)
	}
	return dst
}

// appendDocument appends the member document: the raw JSON, or null.
func appendDocument(dst, document []byte) []byte {
	dst = append(dst, `,"document":`...)
	if len(document) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, document...)
}

// appendChanged appends what stands for the document of a row that has changed since.
func appendChanged(dst []byte) []byte {
	return append(dst, `,"document":null,"document_changed":true`...)
}

// appendMeta appends the list of the columns' names and types.
func (s *shape) appendMeta(dst []byte) []byte {
	dst = append(dst, '[')
	for i, o := range s.outputs {
		dst = appendColumn(dst, i, o.Name, o.Type.String())
	}
	if s.document {
		dst = appendColumn(dst, len(s.outputs), "document", tables.JSON.String())
	}
	return append(dst, ']')
}

func appendColumn(dst []byte, i int, name, typ string) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	dst = append(dst, `{"name":`...)
	dst = tables.AppendJSONString(dst, name)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, typ...)
	return append(dst, `"}`...)
}
