package render

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/views/api/problem"
)

// notAcceptable is the answer to an Accept that nothing is served for.
func notAcceptable(what string) *problem.Details {
	return &problem.Details{
		Kind: "not-acceptable", Title: "None of the accepted types is served", Status: http.StatusNotAcceptable,
		Detail: "the answer comes as " + what, Field: "Accept",
	}
}

// accepted returns the lines of Accept. An empty one asks for nothing in particular.
func accepted(h http.Header) []string {
	accept := h["Accept"]
	if len(accept) == 1 && accept[0] == "" {
		return nil
	}
	return accept
}

// AcceptsEvents is nil when the client takes a stream of events.
func AcceptsEvents(h http.Header) error {
	accept := accepted(h)
	if len(accept) == 0 || quality(accept, TypeEvents) > 0 {
		return nil
	}
	return notAcceptable(TypeEvents[0])
}

// AcceptsJSON is nil when the client takes JSON.
func AcceptsJSON(h http.Header) error {
	accept := accepted(h)
	if len(accept) == 0 || accept[0] == "*/*" || accept[0] == TypeJSON[0] || quality(accept, TypeJSON) > 0 {
		return nil
	}
	return notAcceptable(TypeJSON[0])
}

// quality returns how much an Accept wants one of the media types, 0 to 1. The most
// specific range that covers a type decides.
func quality(accept, types []string) float64 {
	best, specific := 0.0, -1
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(item, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			q := qualityParam(params)
			for _, t := range types {
				s := -1
				switch kind, _, _ := strings.Cut(t, "/"); name {
				case t:
					s = 2
				case kind + "/*":
					s = 1
				case "*/*", "*":
					s = 0
				}
				if s > specific || s == specific && s >= 0 && q > best {
					best, specific = q, s
				}
			}
		}
	}
	return best
}

func qualityParam(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		if text, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(p), " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(text, 64)
			if err != nil || q < 0 || q > 1 {
				return 0
			}
			return q
		}
	}
	return 1
}
