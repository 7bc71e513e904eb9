package render

import "github.com/tidemark/tidemark/views/store"

// Source gives the rows of an answer.
type Source interface {
	// Each calls f with the rows, in runs.
	Each(f func(*store.Result) error) error
	// Document returns the kept document of a row, or that the row has changed since.
	Document(rows *store.Result, row int) (document []byte, changed bool, err error)
}
