package jsontext

import (
	"bytes"
	"fmt"
)

// Mismatch says that something else was expected.
func Mismatch(want string, raw []byte) string {
	return fmt.Sprintf("expected %s, found %s", want, Clip(raw))
}

// Clip shortens hostile text for a message.
func Clip(b []byte) string {
	const most = 60
	if len(b) <= most {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b[:most-3], nil)) + "..."
}
