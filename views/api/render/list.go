package render

import (
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// Every list in JSON is {"meta","data","rows","next","statistics"}.

// BeginList appends what is before the rows of a list.
func (s *Shape) BeginList(dst []byte) []byte {
	return append(s.AppendMeta(append(dst, `{"meta":`...)), `,"data":[`...)
}

// AppendExplain adds how the rows were found to a list that has ended.
func AppendExplain(dst []byte, rows *store.Result) []byte {
	dst = append(dst[:len(dst)-len("}\n")], `,"explain":{"plan":`...)
	dst = tables.AppendJSONString(dst, rows.Plan)
	dst = append(dst, `,"rows_read":`...)
	dst = AppendInt(dst, rows.RowsRead)
	dst = append(dst, `,"blocks_passed_over":`...)
	dst = AppendInt(dst, rows.PassedOver)
	return append(dst, '}', '}', '\n')
}

// Row appends one row as a JSON object.
func (s *Sink) Row(sh *Shape, from Source, rows *store.Result, row int) error {
	s.Values = rows.AppendValues(s.Values[:0], row)
	s.Buf = sh.AppendRow(s.Buf, s.Values)
	if sh.Document {
		doc, changed, err := from.Document(rows, row)
		if err != nil {
			return err
		}
		if changed {
			s.Buf = AppendChanged(s.Buf)
		} else {
			s.Buf = AppendDocument(s.Buf, doc)
		}
	}
	s.Buf = append(s.Buf, '}')
	return nil
}

// EndList appends what is behind the rows of a list; next is the cursor of the page behind it.
func EndList(dst []byte, rows int, next string, elapsed time.Duration, read int64) []byte {
	dst = append(dst, `],"rows":`...)
	dst = AppendInt(dst, int64(rows))
	if next != "" {
		dst = append(append(append(dst, `,"next":"`...), next...), '"')
	}
	dst = append(dst, `,"statistics":{"elapsed":`...)
	dst = strconv.AppendFloat(dst, elapsed.Seconds(), 'f', 6, 64)
	dst = append(dst, `,"rows_read":`...)
	dst = AppendInt(dst, read)
	return append(dst, '}', '}', '\n')
}
