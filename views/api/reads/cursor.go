package reads

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/query"
)

// cursors makes and reads the cursors of pages. A cursor is
//
//	instance 8 | sum 16 | fingerprint 8 | offset uvarint | pin length uvarint, pin |
//	values length uvarint, values as a canonical key | key
//
// in base64url. The instance names the process that pinned the first page's
// snapshot: with another one the pin is gone. The sum authenticates the rest.
type cursors struct {
	instance [8]byte
	secret   [32]byte
}

// cursor is where a page ended.
type cursor struct {
	fingerprint uint64 // of the request
	pin         string // of the snapshot
	offset      int    // of the next page, where rows have no bookmark; 0: there is one
	values      tables.Key
	key         tables.Key
}

const sumSize = 16

func newCursors(random io.Reader) (*cursors, error) {
	c := &cursors{}
	if _, err := io.ReadFull(random, c.instance[:]); err != nil {
		return nil, err
	}
	_, err := io.ReadFull(random, c.secret[:])
	return c, err
}

func (cs *cursors) sum(payload []byte) []byte {
	h := hmac.New(sha256.New, cs.secret[:])
	h.Write(payload)
	return h.Sum(nil)[:sumSize]
}

// write returns the text of c.
func (cs *cursors) write(c cursor) string {
	var p []byte
	p = binary.BigEndian.AppendUint64(p, c.fingerprint)
	p = binary.AppendUvarint(p, uint64(c.offset))
	p = binary.AppendUvarint(p, uint64(len(c.pin)))
	p = append(p, c.pin...)
	p = binary.AppendUvarint(p, uint64(len(c.values)))
	p = append(p, c.values...)
	p = append(p, c.key...)
	out := append(cs.instance[:8:8], cs.sum(p)...)
	return base64.RawURLEncoding.EncodeToString(append(out, p...))
}

// read returns the cursor of a text that this process wrote for the same request.
func (cs *cursors) read(text string, fingerprint uint64) (cursor, error) {
	bad := problem.BadRequest("bad-cursor", "cursor", "the text is no cursor", "take next from the page before, as it is")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < len(cs.instance)+sumSize+8 {
		return cursor{}, bad
	}
	instance, sum, p := b[:8], b[8:8+sumSize], b[8+sumSize:]
	if [8]byte(instance) != cs.instance {
		return cursor{}, gone("the cursor was made by another process, or before this one started")
	}
	if !hmac.Equal(sum, cs.sum(p)) {
		return cursor{}, bad
	}
	c := cursor{fingerprint: binary.BigEndian.Uint64(p)}
	if c.fingerprint != fingerprint {
		bad.Detail = "the cursor belongs to a request with other parameters; only limit, numbers and explain may change between pages"
		return cursor{}, bad
	}
	p = p[8:]
	offset, n := binary.Uvarint(p)
	p, c.offset = p[n:], int(offset)
	var pin, values []byte
	pin, p = cutLength(p)
	values, p = cutLength(p)
	c.pin, c.values, c.key = string(pin), tables.Key(values), tables.Key(p)
	return c, nil
}

// cutLength cuts bytes that their length precedes; the sum has vouched for the form.
func cutLength(p []byte) (head, rest []byte) {
	size, n := binary.Uvarint(p)
	return p[n : n+int(size)], p[n+int(size):]
}

// resume sets q to continue where the cursor's page ended.
func (c cursor) resume(t *tables.Table, q *query.Request) error {
	q.Offset = c.offset
	if c.offset > 0 {
		return nil
	}
	values, err := tables.DecodeKey(c.values, orderTypes(t, &q.Query))
	if err != nil {
		return fmt.Errorf("read the bookmark of a cursor: %w", err)
	}
	q.After = &query.Bookmark{Values: values, Key: c.key}
	return nil
}

// orderTypes returns the types of the values that a bookmark holds.
func orderTypes(t *tables.Table, q *query.Query) []tables.Type {
	var out []tables.Type
	if len(q.Order) == 0 {
		for _, c := range t.SortColumns() {
			out = append(out, t.Columns[c].Type)
		}
	}
	for _, o := range q.Order {
		out = append(out, t.Columns[o.Column].Type)
	}
	return out
}
