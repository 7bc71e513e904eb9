// Package jsontext walks JSON text: it checks the text, finds members in it, and returns
// values as slices of that text. It knows nothing of tables, events or databases. It
// copies only what the caller asks for.
package jsontext
