// Package jsontext walks JSON text: it checks the text, finds members in it and keeps
// values as the text that they are. It knows nothing of tables, events or databases.
// Nothing is copied that the caller does not ask for.
package jsontext
