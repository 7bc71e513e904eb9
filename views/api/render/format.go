package render

import (
	"net/http"
	"strings"

	"github.com/tidemark/tidemark/views/query"
)

// Format is one of the forms that rows come in.
type Format struct {
	Suffix      string
	ContentType []string   // shared: never changed
	Accepts     []string   // media types that ask for it, the first its own
	Mode        query.Mode // how much a request of this form may ask for
	// Stream writes all rows as they are found. It is nil where they come page by page.
	Stream func(*Sink, *Shape, Source) error
}

// Formats are in the order of preference where a client does not mind.
func Formats() []Format {
	return []Format{
		{"json", TypeJSON, []string{"application/json"}, query.Page, nil},
		{"csv", TypeCSV, []string{"text/csv"}, query.Stream, writeCSV},
		{"ndjson", TypeNDJSON, []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}, query.Stream, writeNDJSON},
		{"arrow", TypeArrow, []string{"application/vnd.apache.arrow.stream"}, query.Stream, writeArrow},
		{"parquet", TypeParquet, []string{"application/vnd.apache.parquet", "application/x-parquet"}, query.Stream, writeParquet},
	}
}

// FormatOf picks the form of the rows: by the path's suffix, else by Accept.
func FormatOf(suffix string, h http.Header) (Format, error) {
	all := Formats()
	if suffix != "" {
		for _, f := range all {
			if f.Suffix == suffix {
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
		if q := quality(accept, f.Accepts); q > bestQuality {
			best, bestQuality = i, q
		}
	}
	if best < 0 {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.Accepts[0]
		}
		return Format{}, notAcceptable(strings.Join(names, ", "))
	}
	return all[best], nil
}
