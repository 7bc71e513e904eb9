package processors

import "fmt"

// recordRoom is what a record needs around its key and value, headers included.
const recordRoom = 256

// recordLimit is how large a row may be.
type recordLimit struct {
	rows  int    // bytes of key and state row, as declared
	bytes int    // of a record with key, value and headers, as the topics accept it
	topic string // the one that accepts the least, where that is less than the declared limit needs
}

// exceeds says why a row of so many bytes of key and value cannot be held, or "".
func (l recordLimit) exceeds(key, value int) string {
	switch n := key + value; {
	case n > l.rows:
		return fmt.Sprintf("it takes %d bytes and limits.row_bytes is %d", n, l.rows)
	case n+recordRoom > l.bytes:
		return fmt.Sprintf("it takes %d bytes and the topic %s accepts %d", n+recordRoom, l.topic, l.bytes)
	}
	return ""
}
