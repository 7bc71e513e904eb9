package ask

import (
	"net/http"
	"strings"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
)

// MaxWait bounds Tidemark-Wait.
const MaxWait = 30 * time.Second

// Patience reads Tidemark-Wait. Without it there is just time for a look.
func Patience(h http.Header) (time.Duration, error) {
	text := h["Tidemark-Wait"]
	if text == nil {
		return time.Millisecond, nil
	}
	d, err := Duration(text[0], MaxWait, "bad-header", "Tidemark-Wait", "500ms")
	return max(d, time.Millisecond), err
}

// MinPosition reads Tidemark-Min-Position: a position, or the id of an event, which begins with
// one. Lines of one name are one list.
func MinPosition(h http.Header) (tables.Position, error) {
	text := strings.Join(h["Tidemark-Min-Position"], ",")
	if source, ok := sourceOfID(text); ok {
		text = source
	}
	p, err := tables.ParsePosition(text)
	if err != nil {
		return nil, problem.BadRequest("bad-header", "Tidemark-Min-Position", err.Error(), "")
	}
	return p, nil
}

// MinSource reads Tidemark-Min-Source.
func MinSource(h http.Header) (tables.SourcePosition, error) {
	p, err := parseSource(strings.Join(h["Tidemark-Min-Source"], ","))
	if err != nil {
		return p, problem.BadRequest("bad-header", "Tidemark-Min-Source", err.Error(), "")
	}
	return p, nil
}
