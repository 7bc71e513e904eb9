package ask

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
)

// MaxLookup is the largest number of keys of one lookup.
const MaxLookup = 10_000

// LookupExample shows the body of a lookup.
const LookupExample = `write {"keys":[42,{"id":43}]}`

// OfLookup reads the body of a lookup, {"keys":[...]}.
func (k *Keys) OfLookup(buf *[]byte, body []byte) ([]tables.Key, error) {
	var in struct {
		Keys []json.RawMessage `json:"keys"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, notLookup(err)
	}
	if d.More() || in.Keys == nil {
		return nil, problem.BadRequest("bad-body", "keys", "the body is one JSON object with a list of keys", LookupExample)
	}
	if len(in.Keys) > MaxLookup {
		return nil, problem.BadRequest("bad-body", "keys", fmt.Sprintf("a lookup has at most %d keys, not %d", MaxLookup, len(in.Keys)), "")
	}
	keys := make([]tables.Key, len(in.Keys))
	for i, raw := range in.Keys {
		var err error
		if keys[i], err = k.ofJSON(buf, fmt.Sprintf("keys[%d]", i), raw); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// notLookup says what is wrong with a body, in its own words and not in those of the program.
func notLookup(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return problem.BadRequest("bad-body", kind.Field, "the body is one JSON object with a list of keys, and here is a JSON "+kind.Value, LookupExample)
	case errors.As(err, &syntax):
		return problem.BadRequest("bad-body", "", fmt.Sprintf("the body is no JSON: %s, at byte %d", syntax.Error(), syntax.Offset), LookupExample)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return problem.BadRequest("bad-body", "", "the body ends before its JSON does", LookupExample)
	}
	return problem.BadRequest("bad-body", "", "the body is not the JSON that was expected: "+strings.TrimPrefix(err.Error(), "json: "), LookupExample)
}
