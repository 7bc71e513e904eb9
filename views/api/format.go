package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidemark/tidemark/views/query"
)

// format is one of the forms that rows come in.
type format struct {
	suffix      string
	contentType []string
	accepts     []string // media types that ask for it, the first its own
	mode        query.Mode
}

var (
	typeJSON    = []string{"application/json"}
	typeProblem = []string{"application/problem+json"}
	typeCSV     = []string{"text/csv; charset=utf-8; header=present"}
	typeNDJSON  = []string{"application/x-ndjson"}
	typeParquet = []string{"application/vnd.apache.parquet"}
	typeArrow   = []string{"application/vnd.apache.arrow.stream"}
)

// formats are in the order of preference where a client does not mind.
func formats() []format {
	return []format{
		{"json", typeJSON, []string{"application/json"}, query.Page},
		{"csv", typeCSV, []string{"text/csv"}, query.Stream},
		{"ndjson", typeNDJSON, []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}, query.Stream},
		{"arrow", typeArrow, []string{"application/vnd.apache.arrow.stream"}, query.Stream},
		{"parquet", typeParquet, []string{"application/vnd.apache.parquet", "application/x-parquet"}, query.Stream},
	}
}

// formatOf picks the form of the rows: by the path's suffix, else by Accept.
func formatOf(suffix string, h http.Header) (format, error) {
	all := formats()
	if suffix != "" {
		for _, f := range all {
			if f.suffix == suffix {
				return f, nil
			}
		}
	}
	accept := accepted(h)
	if len(accept) == 0 {
		return all[0], nil
	}
	best, bestQuality := -1, 0.0
	for i, f := range all {
		if q := quality(accept, f.accepts); q > bestQuality {
			best, bestQuality = i, q
		}
	}
	if best < 0 {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.accepts[0]
		}
		return format{}, notAcceptable(strings.Join(names, ", "))
	}
	return all[best], nil
}

// accepted returns the lines of Accept. An empty one asks for nothing in particular.
func accepted(h http.Header) []string {
	accept := h["Accept"]
	if len(accept) == 1 && accept[0] == "" {
		return nil
	}
	return accept
}

// acceptsEvents is nil when the client takes a stream of events.
func acceptsEvents(h http.Header) error {
	accept := accepted(h)
	if len(accept) == 0 || quality(accept, typeEvents) > 0 {
		return nil
	}
	return notAcceptable(typeEvents[0])
}

// acceptsJSON is nil when the client takes JSON.
func acceptsJSON(h http.Header) error {
	accept := accepted(h)
	if len(accept) == 0 || accept[0] == "*/*" || accept[0] == typeJSON[0] || quality(accept, typeJSON) > 0 {
		return nil
	}
	return notAcceptable(typeJSON[0])
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
