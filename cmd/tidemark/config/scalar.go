package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scalar returns the text of a value with the environment filled in.
func (r *reader) scalar(n *yaml.Node, path, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		r.fault(n, path, "want %s, found %s", want, describe(n))
		return "", false
	}
	return r.expand(n, path)
}

// textNode reads a text. A bare number or truth value is not taken for one:
// YAML would already have changed how it is written.
func (r *reader) textNode(n *yaml.Node, path string) (string, bool) {
	if tag := n.ShortTag(); n.Kind == yaml.ScalarNode && tag != "!!str" && tag != "!!null" {
		r.fault(n, path, "want text, found %s; put it in quotes if it is meant as text", n.Value)
		return "", false
	}
	return r.scalar(n, path, "text")
}

// text reads a text, or the default when the key is missing.
func (o object) text(key, byDefault string) string {
	n := o.values[key]
	if n == nil {
		return byDefault
	}
	s, _ := o.r.textNode(n, o.at(key))
	return s
}

// choice reads one of a few words.
func (o object) choice(key, byDefault string, valid ...string) string {
	if !o.has(key) {
		return byDefault
	}
	before := len(o.r.faults)
	s := o.text(key, byDefault)
	if len(o.r.faults) > before {
		return byDefault
	}
	if !slices.Contains(valid, s) {
		o.fault(key, "%q is not possible%s", clip(s), suggest(s, valid))
		return byDefault
	}
	return s
}

// flag reads true or false.
func (o object) flag(key string, byDefault bool) bool {
	n := o.values[key]
	if n == nil {
		return byDefault
	}
	s, ok := o.r.scalar(n, o.at(key), "true or false")
	switch {
	case !ok:
	case s == "true" && n.Style&quoted == 0:
		return true
	case s == "false" && n.Style&quoted == 0:
		return false
	default:
		o.fault(key, "want true or false, found %s", describe(n))
	}
	return byDefault
}

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle

// integer reads a whole number in a range.
func (o object) integer(key string, byDefault, least, most int64) int64 {
	n := o.values[key]
	if n == nil {
		return byDefault
	}
	s, ok := o.r.scalar(n, o.at(key), "a whole number")
	if !ok {
		return byDefault
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n.Style&quoted != 0 {
		o.fault(key, "want a whole number, found %s", describe(n))
		return byDefault
	}
	if i < least || i > most {
		o.fault(key, "%d is not possible: want %d to %d", i, least, most)
		return byDefault
	}
	return i
}

// duration reads a length of time such as 90s, 30m, 24h or 7d; never negative.
func (o object) duration(key string, byDefault time.Duration) time.Duration {
	n := o.values[key]
	if n == nil {
		return byDefault
	}
	const want = "a length of time such as 30m, 24h or 7d"
	s, ok := o.r.scalar(n, o.at(key), want)
	if !ok {
		return byDefault
	}
	d, ok := parseDuration(s)
	if !ok {
		o.fault(key, "want %s, found %s", want, describe(n))
		return byDefault
	}
	return d
}

const day = 24 * time.Hour

func parseDuration(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		return time.Duration(n) * day, err == nil && n >= 0 && n <= 36_500
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}
