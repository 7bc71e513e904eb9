package problem

import (
	"strconv"

	"github.com/tidemark/tidemark/tables"
)

// Details are a mistake or a failure as the answer reports it (RFC 9457).
type Details struct {
	Kind   string // ends the type: urn:tidemark:problem:<kind>
	Title  string // of the kind
	Status int
	Detail string // of this occurrence: what is wrong and what was expected
	Field  string // the parameter, header or member
	Hint   string // what to do or to write instead
	// Position is where the table is, when a position was not reached.
	Position string
	// Source is how far it has come in the log of its database then, as Tidemark-Min-Source takes it.
	Source string
	// RetryAfter is in seconds; 0: the answer has no such header.
	RetryAfter int
	Allow      string // the methods of the route, for 405
}

// Error returns the kind and the detail.
func (p *Details) Error() string { return p.Kind + ": " + p.Detail }

// Append appends the JSON of p, empty members left out.
func (p *Details) Append(dst []byte, requestID string) []byte {
	dst = append(dst, `{"type":"urn:tidemark:problem:`...)
	dst = append(dst, p.Kind...)
	dst = append(dst, `","title":`...)
	dst = tables.AppendJSONString(dst, p.Title)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(p.Status), 10)
	for _, m := range [...]struct{ name, value string }{
		{"detail", p.Detail}, {"field", p.Field}, {"hint", p.Hint}, {"position", p.Position}, {"source", p.Source}, {"request_id", requestID},
	} {
		if m.value == "" {
			continue
		}
		dst = append(dst, `,"`...)
		dst = append(dst, m.name...)
		dst = append(dst, `":`...)
		dst = tables.AppendJSONString(dst, m.value)
	}
	return append(dst, '}', '\n')
}
