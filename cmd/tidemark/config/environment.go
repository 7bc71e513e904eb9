package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// expand replaces ${VAR} and ${VAR:-default} in a value; $${ is a plain ${. A
// variable that is neither set nor has a default is a fault: an empty password
// or topic would be found out much later. What a variable holds is not read again
// for variables, nor as YAML.
func (r *reader) expand(n *yaml.Node, path string) (string, bool) {
	rest := n.Value
	if !strings.Contains(rest, "${") {
		return rest, true
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			b.WriteString(rest)
			return b.String(), true
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(escaped + "${")
			rest = after
			continue
		}
		b.WriteString(before)
		inside, tail, closed := strings.Cut(after, "}")
		if !closed {
			r.fault(n, path, "${%s has no closing brace; write $${ for a plain ${", clip(after))
			return "", false
		}
		value, ok := r.variable(n, path, inside)
		if !ok {
			return "", false
		}
		b.WriteString(value)
		rest = tail
	}
}

// variable returns what stands for the inside of ${...}. As in a shell, :- also
// replaces a variable that is set to nothing.
func (r *reader) variable(n *yaml.Node, path, inside string) (string, bool) {
	name, byDefault, hasDefault := strings.Cut(inside, ":-")
	if !variableName(name) {
		r.fault(n, path, "${%s} names no environment variable", clip(inside))
		return "", false
	}
	value, set := r.env(name)
	if hasDefault && value == "" {
		return byDefault, true
	}
	if !set {
		r.fault(n, path, "the environment variable %s is not set; ${%s:-default} gives it a default", name, name)
		return "", false
	}
	return value, true
}

func variableName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
