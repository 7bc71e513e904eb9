package proposal

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteAll writes one configuration that holds all tables.
func WriteAll(out io.Writer, all []*Proposal, brokers []string) error {
	if len(all) == 1 {
		return all[0].Write(out, brokers)
	}
	w := bufio.NewWriter(out)
	writeProcess(w, all, brokers)
	fmt.Fprintf(w, "tables:\n")
	for _, p := range all {
		p.writeOrigin(w, "  ")
		p.writeTable(w)
	}
	return w.Flush()
}

// WriteIncluding writes a configuration that includes the tables, whose files match the pattern.
func WriteIncluding(out io.Writer, all []*Proposal, brokers []string, pattern string) error {
	w := bufio.NewWriter(out)
	writeProcess(w, all, brokers)
	fmt.Fprintf(w, "include: [%s]\n", quote(pattern))
	return w.Flush()
}

// WriteTable writes the proposal as a file to be included.
func (p *Proposal) WriteTable(out io.Writer) error {
	w := bufio.NewWriter(out)
	p.writeOrigin(w, "")
	fmt.Fprintf(w, "tables:\n")
	p.writeTable(w)
	return w.Flush()
}

// Names returns a table's name for each topic: what stands behind its last dot, and more of the
// topic's name where several topics would have the same.
func Names(topics []string) []string {
	out := make([]string, len(topics))
	for i, topic := range topics {
		for parts := 1; ; parts++ {
			name, whole := lastParts(topic, parts)
			out[i] = tableName(name)
			same := slices.ContainsFunc(topics, func(other string) bool {
				theirs, _ := lastParts(other, parts)
				return other != topic && tableName(theirs) == out[i]
			})
			if !same || whole {
				break
			}
		}
		for n, base := 2, out[i]; slices.Contains(out[:i], out[i]); n++ {
			out[i] = fmt.Sprintf("%s_%d", base[:min(len(base), 58)], n)
		}
	}
	return out
}

// lastParts returns the last parts of a topic's name, joined as a table's name has them, and
// whether these are all.
func lastParts(topic string, n int) (string, bool) {
	parts := strings.Split(topic, ".")
	return strings.Join(parts[max(0, len(parts)-n):], "_"), n >= len(parts)
}
