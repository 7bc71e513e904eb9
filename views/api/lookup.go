package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// maxLookup is the largest number of keys of one lookup.
const maxLookup = 10_000

// lookup answers POST /v1/tables/{table}/lookup.
func (a *API) lookup(c *call) (answer, error) {
	t, err := a.table(c)
	if err != nil {
		return answer{}, err
	}
	if err := acceptsJSON(c.r.Header); err != nil {
		return answer{}, err
	}
	keys, err := a.lookupKeys(c, t)
	if err != nil {
		return answer{}, err
	}
	if err := c.wait(t); err != nil {
		return answer{}, err
	}
	snap, sh, err := a.chosen(c, t)
	if err != nil {
		return answer{}, err
	}
	return answer{contentType: typeJSON, of: t, snapshot: snap, stream: func(s *sink) error {
		s.buf = append(append(append(s.buf, `{"meta":`...), sh.appendMeta(nil)...), `,"data":[`...)
		for i, key := range keys {
			if i > 0 {
				s.buf = append(s.buf, ',')
			}
			if err := t.found(c, s, sh, snap, key); err != nil {
				return err
			}
			if err := s.grown(); err != nil {
				return err
			}
		}
		s.buf = a.appendEnd(s.buf, c, len(keys), "", int64(len(keys)))
		return nil
	}}, nil
}

// found writes the row of a key, or null.
func (t *served) found(c *call, s *sink, sh *shape, snap *store.Snapshot, key tables.Key) (err error) {
	values, found := snap.Lookup(key, c.values[:0])
	if !found {
		s.buf = append(s.buf, "null"...)
		return nil
	}
	c.values = values
	s.buf = sh.appendValues(s.buf, values)
	if sh.document {
		if s.buf, _, err = t.document(s.buf, snap, key); err != nil {
			return err
		}
	}
	s.buf = append(s.buf, '}')
	return nil
}

// lookupKeys reads {"keys":[...]}.
func (a *API) lookupKeys(c *call, t *served) ([]tables.Key, error) {
	const example = `write {"keys":[42,{"id":43}]}`
	body, err := a.sent(c, example)
	if err != nil {
		return nil, err
	}
	var in struct {
		Keys []json.RawMessage `json:"keys"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, notJSON(err, example)
	}
	if d.More() || in.Keys == nil {
		return nil, badRequest("bad-body", "keys", "the body is one JSON object with a list of keys", example)
	}
	if len(in.Keys) > maxLookup {
		return nil, badRequest("bad-body", "keys", fmt.Sprintf("a lookup has at most %d keys, not %d", maxLookup, len(in.Keys)), "")
	}
	keys := make([]tables.Key, len(in.Keys))
	for i, raw := range in.Keys {
		if keys[i], err = t.jsonKey(c, fmt.Sprintf("keys[%d]", i), raw); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// notJSON tells what is wrong with a body, in its own words and not in those of the program.
func notJSON(err error, example string) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return badRequest("bad-body", kind.Field, "the body is one JSON object with a list of keys, and here is a JSON "+kind.Value, example)
	case errors.As(err, &syntax):
		return badRequest("bad-body", "", fmt.Sprintf("the body is no JSON: %s, at byte %d", syntax.Error(), syntax.Offset), example)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badRequest("bad-body", "", "the body ends before its JSON does", example)
	}
	return badRequest("bad-body", "", "the body is not the JSON that was expected: "+strings.TrimPrefix(err.Error(), "json: "), example)
}
