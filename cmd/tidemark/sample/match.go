package sample

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/kafka"
)

// Found is a topic that was asked for.
type Found struct {
	Name  string
	Named bool // by its name, and not by a pattern alone
}

// Match returns the topics that names and patterns ask for, each once. Patterns pass over what
// no table is made from: the topics of the brokers, of connectors' heartbeats, and our own.
func Match(ctx context.Context, k kafka.Settings, asked []string) ([]Found, error) {
	out, patterns, err := split(asked)
	if err != nil || len(patterns) == 0 {
		return out, err
	}
	client, err := k.Client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	all, err := kafka.List(ctx, client)
	if err != nil {
		return nil, err
	}
	taken := make(map[string]bool, len(out))
	for _, f := range out {
		taken[f.Name] = true
	}
	all = others(all)
	for _, pattern := range patterns {
		matched := false
		for _, name := range all {
			if ok, _ := path.Match(pattern, name); !ok { // the pattern was tried before
				continue
			}
			matched = true
			if !taken[name] {
				taken[name] = true
				out = append(out, Found{Name: name})
			}
		}
		if !matched {
			return nil, fmt.Errorf("no topic matches %s: %w", pattern, kafka.ErrNoSource)
		}
	}
	return out, nil
}

// IsPattern reports whether what was asked for may be several topics.
func IsPattern(asked string) bool { return strings.ContainsAny(asked, `*?[\`) }

// split distinguishes names and patterns.
func split(asked []string) (names []Found, patterns []string, err error) {
	for _, a := range asked {
		if !IsPattern(a) {
			if !slices.Contains(names, Found{a, true}) {
				names = append(names, Found{a, true})
			}
			continue
		}
		if _, err := path.Match(a, ""); err != nil || strings.Contains(a, "/") {
			return nil, nil, fmt.Errorf("%q is no pattern of topics' names, such as 'shop.public.*'", a)
		}
		patterns = append(patterns, a)
	}
	return names, patterns, nil
}

// firstGeneration returns the name of a table's topics without the number of a later generation.
func firstGeneration(base string) string {
	i := strings.LastIndexByte(base, '-')
	if i < 0 || strings.Trim(base[i+1:], "0123456789") != "" {
		return base
	}
	return base[:i]
}

// others leaves out topics that hold no rows of a source. Our own are known by those that every
// table has.
func others(all []string) []string {
	var tables []string
	for _, name := range all {
		if base, ok := strings.CutSuffix(name, "-table"); ok && slices.Contains(all, base+"-progress") {
			tables = append(tables, base, firstGeneration(base))
		}
	}
	own := func(name string) bool {
		return slices.ContainsFunc(tables, func(base string) bool {
			rest, ok := strings.CutPrefix(name, base+"-")
			return ok && slices.Contains([]string{"table", "batch", "snapshot", "batches", "progress", "dlq", "keyed", "rekeyed", "generations"}, rest)
		})
	}
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return strings.HasPrefix(name, "__") || own(name)
	})
}
