package query

import (
	"net/url"
	"strings"
)

// param is one parameter of a URL, decoded.
type param struct{ name, value string }

// maxParams bounds the parameters of one request.
const maxParams = 1000

// split reads a raw query string in its order. url.ParseQuery would lose the order
// and let a malformed parameter pass beside good ones.
func split(raw string) ([]param, error) {
	var out []param
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		n, v, _ := strings.Cut(part, "=")
		name, err1 := unescape(n)
		value, err2 := unescape(v)
		if err1 != nil || err2 != nil {
			return nil, badParameter(clip(n), "write % itself as %25", "the parameter is not percent-encoded as a URL is")
		}
		if out = append(out, param{name, value}); len(out) > maxParams {
			return nil, badParameter(clip(name), "", "there are more than %d parameters", maxParams)
		}
	}
	return out, nil
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	return url.QueryUnescape(s)
}

func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most-3] + "..."
	}
	return s
}
