package config

import (
	"net"
	"net/url"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const (
	roleProcessor = "processor"
	roleView      = "view"
)

func (o object) roles() Roles {
	if !o.has("roles") {
		return Roles{Processor: true, View: true}
	}
	var out Roles
	valid := []string{roleProcessor, roleView}
	for _, it := range o.list("roles") {
		s, ok := o.r.textNode(it.node, it.path)
		if !ok {
			continue
		}
		role := map[string]*bool{roleProcessor: &out.Processor, roleView: &out.View}[s]
		switch {
		case role == nil:
			o.r.fault(it.node, it.path, "%q is no role%s", clip(s), suggest(s, valid))
		case *role:
			o.r.fault(it.node, it.path, "the role %s is given twice", s)
		default:
			*role = true
		}
	}
	if n := o.values["roles"]; n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		o.fault("roles", "the list is empty: want processor, view or both")
	}
	return out
}

func (o object) log() Log {
	l := o.mapping("log", keysOf("log")...)
	var out Log
	level := l.choice("level", "info", "debug", "info", "warn", "error")
	_ = out.Level.UnmarshalText([]byte(level)) // one of the words above
	out.JSON = l.choice("format", "text", "text", "json") == "json"
	return out
}

const defaultListen = "127.0.0.1:8080"

func (o object) http() HTTP {
	h := o.mapping("http", keysOf("http")...)
	out := HTTP{Listen: h.text("listen", defaultListen), Open: h.openAuth(), CORSOrigins: h.origins()}
	t := h.mapping("tls", keysOf("http.tls")...)
	out.CertFile, out.KeyFile = t.text("cert_file", ""), t.text("key_file", "")
	if t.ok && (out.CertFile == "" || out.KeyFile == "") {
		h.fault("tls", "cert_file and key_file are both needed")
	}
	if !h.has("listen") || h.failed("listen") {
		return out
	}
	host, port, err := net.SplitHostPort(out.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65_535 {
		h.fault("listen", "%q is no host:port such as %s", clip(out.Listen), defaultListen)
	} else if !loopback(host) && !h.has("auth") {
		h.fault("listen", "%s is reachable from other machines and there is no http.auth: everybody could read everything; "+
			"listen on 127.0.0.1, or say http.auth: none if that is meant", out.Listen)
	}
	return out
}

// origins reads http.cors_origins: scheme and host of each, or *.
func (o object) origins() []string {
	var out []string
	for _, it := range o.list("cors_origins") {
		s, ok := o.r.textNode(it.node, it.path)
		if !ok {
			continue
		}
		if u, err := url.Parse(s); s != "*" && (err != nil || u.Scheme == "" || u.Host == "" || s != u.Scheme+"://"+u.Host) {
			o.r.fault(it.node, it.path, "%q is no origin such as https://shop.example, and not *", clip(s))
			continue
		}
		out = append(out, s)
	}
	return out
}

// openAuth reads http.auth, of which this version knows none.
func (o object) openAuth() bool {
	n := o.values["auth"]
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode && n.Value == "none" {
		return true
	}
	o.r.fault(o.keys["auth"], o.at("auth"), "this version does not support tokens or JWTs; the only value is none, "+
		"which lets everybody in who can reach http.listen")
	return false
}

// loopback reports whether a listener on the host can only be reached from this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
