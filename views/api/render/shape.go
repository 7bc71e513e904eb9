package render

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// Shape is how the rows of an answer are written.
type Shape struct {
	outputs  []query.Output
	lead     [][]byte // what is before each value in a JSON row: {"id":
	quote    bool     // int64 and decimal as strings
	Document bool     // each row has its document behind the columns
}

// WholeShape has all columns, as rows by key do.
func WholeShape(t *tables.Table) *Shape {
	return NewShape(&query.Request{Query: query.Query{Select: query.SelectAll(t)}})
}

// NewShape returns how the rows of a request are written.
func NewShape(q *query.Request) *Shape {
	s := &Shape{outputs: q.Select, lead: make([][]byte, len(q.Select)), quote: q.QuoteNumbers, Document: q.Document}
	open := byte('{')
	for i, o := range s.outputs {
		s.lead[i] = append(tables.AppendJSONString([]byte{open}, o.Name), ':')
		open = ','
	}
	return s
}

// Columns returns how many columns the rows have; a document is not one of them.
func (s *Shape) Columns() int { return len(s.outputs) }

// AppendValues appends a JSON row, but for its end, of the values of a table's row.
func (s *Shape) AppendValues(dst []byte, values []tables.Value) []byte {
	for i := range s.outputs {
		o := &s.outputs[i]
		dst = append(dst, s.lead[i]...)
		dst = tables.AppendJSON(dst, o.Type, values[o.Column], s.quote)
	}
	return dst
}

// AppendRow appends a JSON row, but for its end, of the values of an answer's row.
func (s *Shape) AppendRow(dst []byte, values []tables.Value) []byte {
	for i := range s.outputs {
		dst = append(dst, s.lead[i]...)
		dst = tables.AppendJSON(dst, s.outputs[i].Type, values[i], s.quote)
	}
	return dst
}

// AppendDocument appends the member document: the raw JSON, or null.
func AppendDocument(dst, document []byte) []byte {
	dst = append(dst, `,"document":`...)
	if len(document) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, document...)
}

// AppendChanged appends what stands for the document of a row that has changed since.
func AppendChanged(dst []byte) []byte {
	return append(dst, `,"document":null,"document_changed":true`...)
}

// AppendMeta appends the list of the columns' names and types.
func (s *Shape) AppendMeta(dst []byte) []byte {
	dst = append(dst, '[')
	for i, o := range s.outputs {
		dst = appendColumn(dst, i, o.Name, o.Type.String())
	}
	if s.Document {
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
