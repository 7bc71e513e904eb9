package tables

// KeyInRow reports whether the row gives its key, and the record's key nothing.
func (s Source) KeyInRow() bool {
	return s.Format.Messages() || s.Format == OGGJSON || s.Format == DMSJSON || s.KeyFrom == KeyFromRow
}

// RowMember returns the member of a record's value in which the row is, as declared or by the
// format; empty where the value is the row, or an envelope that has an image before.
func (s Source) RowMember() string {
	switch s.Format {
	case OGGJSON, CockroachJSON:
		return "after"
	case DMSJSON:
		return "data"
	}
	return s.Row
}
