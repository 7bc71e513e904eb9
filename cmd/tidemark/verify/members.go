package verify

import (
	"bytes"
	"encoding/json"

	"github.com/tidemark/tidemark/tables"
)

// membersInOrder takes the members of a valid JSON object apart that are in the order of
// the columns, as processes write them. It reports whether it could: members in another
// order, others among them, or names with escapes are for a reader that takes longer.
func membersInOrder(columns []tables.Column, raw []byte, into []json.RawMessage) bool {
	b := bytes.TrimSpace(raw)
	if len(b) < 2 || b[0] != '{' || b[len(b)-1] != '}' {
		return false
	}
	b = b[1:]
	for i := range columns {
		name := columns[i].Name
		if len(b) < len(name)+3 || b[0] != '"' || string(b[1:1+len(name)]) != name || b[1+len(name)] != '"' || b[2+len(name)] != ':' {
			return false
		}
		b = b[len(name)+3:]
		n := valueEnd(b)
		if n <= 0 || n >= len(b) {
			return false
		}
		into[i] = json.RawMessage(b[:n])
		if last := i == len(columns)-1; last != (b[n] == '}') || !last && b[n] != ',' {
			return false
		}
		b = b[n+1:]
	}
	return len(b) == 0
}

// valueEnd returns where a JSON value ends that b begins with: at a comma or a closing
// brace of what it is in. It is 0 when it does not end.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringEnd(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return 0
}

// stringEnd returns the length of a JSON string that b begins with, 0 when it does not end.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
