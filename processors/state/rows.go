package state

// Put stores a row; mark asks for a dirty mark.
func (s *Store) Put(key string, row []byte, from Origin, mark bool) error {
	d := s.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.put(spaceRow, key, row)
	if mark {
		s.Batches.mark(key)
	}
	d.progress.raise(&from)
	return d.grown()
}

// Delete removes a row, marks its key and remembers the deletion.
func (s *Store) Delete(key string, tomb Tomb, from Origin) error {
	d := s.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delete(spaceRow, key)
	s.Previous.deleted(key)
	s.Batches.mark(key)
	s.Deletions.put(key, tomb)
	d.progress.raise(&from)
	return d.grown()
}

// Get returns the state row of a key, or nil. The caller must not change it.
func (s *Store) Get(key string) ([]byte, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.get(spaceRow, key)
}

// Tomb returns the deletion of a key that is not forgotten yet.
func (s *Store) Tomb(key string) (Tomb, bool, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.Deletions.tomb(key)
}

// Each calls fn for every row until it returns an error. What is held back is written first.
func (s *Store) Each(fn func(key string, row []byte) error) error {
	return s.disk.each(spaceRow, fn)
}

// EachTomb calls fn for every deletion that is known, in the order of keys, until it returns an error.
func (s *Store) EachTomb(fn func(key string, t Tomb) error) error {
	return s.disk.each(spaceTomb, func(key string, b []byte) error {
		t, err := parseTomb(b)
		if err != nil {
			return s.disk.note(err)
		}
		return fn(key, t)
	})
}

// Rows counts the rows of the table.
func (s *Store) Rows() (n int64, err error) {
	err = s.Each(func(string, []byte) error {
		n++
		return nil
	})
	return n, err
}
