package state

// Truncates is what is kept of truncates, which rows and later events are compared with.
type Truncates struct{ disk *disk }

// SetElsewhere keeps a truncate of another partition, which concerns source offsets
// before until without more ado.
func (s *Truncates) SetElsewhere(until int64, value []byte) error {
	return s.disk.set(metaTruncate, append(appendInt(nil, until), value...))
}

// Elsewhere returns what SetElsewhere has kept; the value is nil when there is nothing.
func (s *Truncates) Elsewhere() (until int64, value []byte, err error) {
	return s.disk.numbered(metaTruncate)
}

// SetHere keeps the source offset of the newest truncate that was in this
// partition: everything older is gone.
func (s *Truncates) SetHere(offset int64) error {
	return s.disk.set(metaEmptied, appendInt(nil, offset))
}

// Here returns what SetHere has kept, or Unknown.
func (s *Truncates) Here() (int64, error) { return s.disk.int(metaEmptied) }
