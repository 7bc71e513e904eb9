package render

import "github.com/tidemark/tidemark/views/store"

// writeNDJSON writes one JSON object a line. Embedded JSON may have line breaks
// between its tokens, never inside of them: they become spaces.
func writeNDJSON(s *Sink, sh *Shape, from Source) error {
	return from.Each(func(rows *store.Result) error {
		for i := range rows.Len() {
			begun := len(s.Buf)
			if err := s.Row(sh, from, rows, i); err != nil {
				return err
			}
			JoinLines(s.Buf[begun:])
			s.Buf = append(s.Buf, '\n')
			if err := s.Grown(); err != nil {
				return err
			}
		}
		return nil
	})
}

// JoinLines puts a row that may have line breaks between its tokens on one line.
func JoinLines(row []byte) {
	for i, c := range row {
		if c == '\n' || c == '\r' {
			row[i] = ' '
		}
	}
}
