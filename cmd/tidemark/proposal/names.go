package proposal

import (
	"fmt"
	"strings"
)

// Names returns a table's name for each topic: what is after its last dot, and more of the
// topic's name where several topics would have the same.
func Names(topics []string) []string {
	out := make([]string, len(topics))
	open := make([]int, len(topics))
	for i := range topics {
		open[i] = i
	}
	for parts := 1; len(open) > 0; parts++ {
		shared := sharedNames(topics, parts)
		var next []int
		for _, i := range open {
			name, whole := lastParts(topics[i], parts)
			if out[i] = tableName(name); shared[out[i]] && !whole {
				next = append(next, i)
			}
		}
		open = next
	}
	free := names{}
	for i := range out {
		out[i] = free.take(out[i])
	}
	return out
}

// sharedNames returns the names that several topics have by so many of their last parts.
func sharedNames(topics []string, parts int) map[string]bool {
	shared, of := map[string]bool{}, make(map[string]string, len(topics))
	for _, topic := range topics {
		last, _ := lastParts(topic, parts)
		name := tableName(last)
		if other, has := of[name]; has && other != topic {
			shared[name] = true
		}
		of[name] = topic
	}
	return shared
}

// lastParts returns the last parts of a topic's name, joined as a table's name has them, and
// whether these are all.
func lastParts(topic string, n int) (string, bool) {
	parts := strings.Split(topic, ".")
	return strings.Join(parts[max(0, len(parts)-n):], "_"), n >= len(parts)
}

// names are those that are taken, each with the number that the next of its kind has.
type names map[string]int

// take returns a name, with a number where it is taken.
func (n names) take(base string) string {
	name := base
	for n[name] > 0 {
		n[base]++
		name = numbered(base, n[base])
	}
	n[name] = 1
	return name
}

// numbered returns a name with a number, which is short enough.
func numbered(base string, n int) string { return fmt.Sprintf("%s_%d", base[:min(len(base), 58)], n) }
