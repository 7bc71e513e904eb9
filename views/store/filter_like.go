package store

import (
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

func (l *layout) likeLeaf(e query.Like, not bool) (condition, error) {
	if err := l.column(e.Column); err != nil {
		return nil, err
	}
	if k := l.types[e.Column].Kind; k != tables.String && k != tables.JSON {
		return nil, fmt.Errorf("column %s is %s, and only text can be matched with a pattern",
			l.table.Columns[e.Column].Name, l.types[e.Column])
	}
	return leaf{col: e.Column, not: not, test: textTest{match: e.Matcher()}}, nil
}
