package gokaglue

import (
	"errors"

	"github.com/lovoo/goka/storage"

	"github.com/tidemark/tidemark/processors/state"
)

// State is the local state as goka's recovery needs it.
type State interface {
	Get(key string) ([]byte, error)
	Position() int64 // of the changelog, or state.Unknown
	SetPosition(offset int64)
	Flush() error
	Close() error
}

// stateStorage is goka's storage.
type stateStorage struct {
	opts  *Options
	state State // nil until it is open
}

// Open implements storage.Storage.
func (s *stateStorage) Open() error {
	st, err := s.opts.Open()
	if err == nil {
		s.state = st
	}
	return err
}

// Close implements storage.Storage.
func (s *stateStorage) Close() error {
	if s.state == nil {
		return nil
	}
	s.opts.Closing() // batches in the making hold snapshots of the state
	return s.state.Close()
}

// Has implements storage.Storage.
func (s *stateStorage) Has(key string) (bool, error) {
	b, err := s.state.Get(key)
	return b != nil, err
}

// Get implements storage.Storage.
func (s *stateStorage) Get(key string) ([]byte, error) { return s.state.Get(key) }

// Set implements storage.Storage.
func (s *stateStorage) Set(string, []byte) error { return errWritten }

// Delete implements storage.Storage.
func (s *stateStorage) Delete(string) error { return errWritten }

// GetOffset implements storage.Storage.
func (s *stateStorage) GetOffset(def int64) (int64, error) {
	if p := s.state.Position(); p != state.Unknown {
		return p, nil
	}
	return def, nil
}

// SetOffset implements storage.Storage.
func (s *stateStorage) SetOffset(offset int64) error {
	s.state.SetPosition(offset)
	return nil
}

// MarkRecovered implements storage.Storage.
func (s *stateStorage) MarkRecovered() error { return s.state.Flush() }

var errNoIterator = errors.New("rows are iterated through the state, not through goka")

// Iterator implements storage.Storage; only goka's visitors would use it.
func (s *stateStorage) Iterator() (storage.Iterator, error) { return nil, errNoIterator }

// IteratorWithRange implements storage.Storage; only goka's visitors would use it.
func (s *stateStorage) IteratorWithRange(_, _ []byte) (storage.Iterator, error) {
	return nil, errNoIterator
}
