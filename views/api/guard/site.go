package guard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/query"
)

// Ours reports whether a request names this machine as loopback does. A page whose name was
// made to lead here (DNS rebinding) sends its own name as Host, and would otherwise count as
// of the same origin as the answers. Names of the pages that are let in by their origin are taken,
// too: of a proxy before the listener.
func (o Origins) Ours(host string) bool {
	switch name := hostName(host); {
	case name == "localhost", name == "127.0.0.1", host == "": // HTTP/1.0 has none, and browsers do not speak it
		return true
	case strings.EqualFold(name, "localhost"):
		return true
	default:
		if ip, err := netip.ParseAddr(name); err == nil {
			return ip.Unmap().IsLoopback()
		}
		return slices.ContainsFunc(o, func(origin string) bool {
			u, err := url.Parse(origin)
			return err == nil && u.Host != "" && strings.EqualFold(hostName(u.Host), name)
		})
	}
}

// hostName returns a Host without its port, the brackets of an address and the point at its end.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	} else if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	return strings.TrimSuffix(host, ".")
}

// StrangeHost is the answer to a Host that is not this machine's.
func StrangeHost(host string) *problem.Details {
	return &problem.Details{
		Kind: "forbidden", Title: "The request is not for this host", Status: http.StatusForbidden, Field: "Host",
		Detail: "this process serves the machine that it runs on, and " + query.Quote(host) + " is not one of its names",
		Hint:   "ask at localhost or 127.0.0.1; name the origin of a proxy in http.cors_origins, or choose another http.listen",
	}
}

// FromElsewhere says why a request that changes something is refused: it comes from a web page
// of another origin that is not let in by name. Browsers say so by Origin and Sec-Fetch-Site;
// other programs send neither.
func (o Origins) FromElsewhere(r *http.Request) *problem.Details {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case origin == "" && (site == "" || site == "same-origin" || site == "none"):
		return nil
	case origin != "" && slices.Contains(o, origin):
		return nil
	case origin != "" && (site == "" || site == "same-origin" || site == "none"):
		if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
			return nil
		}
	}
	p := &problem.Details{
		Kind: "forbidden", Title: "A page of another site may not do this", Status: http.StatusForbidden, Field: "Origin",
		Detail: "the request changes something, and comes from a web page of another origin",
		Hint:   "name the page's origin in http.cors_origins; * there lets pages read only",
	}
	if origin == "" {
		p.Field = "Sec-Fetch-Site"
	}
	return p
}
