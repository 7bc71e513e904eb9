package ticdc

import (
	"encoding/binary"
	"fmt"
)

// An Event is one of a batch of the open protocol: JSON texts, of which the value may be empty.
type Event struct{ Key, Value []byte }

const (
	word    = 8 // bytes of a version and of a length, big-endian
	version = 1
	// maxEvents bounds a batch; TiCDC puts 4096 at most into one.
	maxEvents = 1 << 16
)

// Batched reports whether a record begins as a batch does, and is not one of its events as a
// message already, which may stand under the batch's key.
func Batched(key, value []byte) bool {
	message := len(value) > 0 && value[0] == '{' // no length begins so
	return !message && len(key) >= 2*word && binary.BigEndian.Uint64(key) == version
}

// Events takes a record apart. The reason says what is wrong with it, and where says in which part.
func Events(key, value []byte) (events []Event, where, reason string) {
	if len(key) < word {
		return nil, "key", fmt.Sprintf("%d bytes, which is no batch of TiCDC's open protocol", len(key))
	}
	if v := binary.BigEndian.Uint64(key); v != version {
		return nil, "key", fmt.Sprintf("version %d of TiCDC's open protocol, and 1 is known", v)
	}
	key = key[word:]
	for len(key) > 0 {
		var e Event
		if e.Key, key, reason = next(key); reason != "" {
			return nil, "key", reason
		}
		if len(value) > 0 { // a sign of life may come without a value
			if e.Value, value, reason = next(value); reason != "" {
				return nil, "value", reason
			}
		}
		if events = append(events, e); len(events) > maxEvents {
			return nil, "key", fmt.Sprintf("a batch of more than %d events", maxEvents)
		}
	}
	switch {
	case len(events) == 0:
		return nil, "key", "a batch of no event"
	case len(value) > 0:
		return nil, "value", fmt.Sprintf("%d bytes are left over behind the values of %d events", len(value), len(events))
	}
	return events, "", ""
}

// next takes what a length in front of it says.
func next(b []byte) (one, rest []byte, reason string) {
	if len(b) < word {
		return nil, nil, fmt.Sprintf("%d bytes where a length of 8 is expected", len(b))
	}
	n := binary.BigEndian.Uint64(b)
	b = b[word:]
	if n > uint64(len(b)) {
		return nil, nil, fmt.Sprintf("an event of %d bytes, of which %d are there", n, len(b))
	}
	return b[:n], b[n:], ""
}
