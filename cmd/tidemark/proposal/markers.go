package proposal

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs/filter"
	"github.com/tidemark/tidemark/tables"
)

// mostWords bounds how many texts of a column are remembered: a column with more has no operation.
const mostWords = 8

// mostMarkers bounds what is remembered beside rows.
const mostMarkers = 64

// remember keeps the few texts and truth values of a column.
func (c *column) remember(raw []byte, l look) {
	if c.many || l != lookText && l != lookBool {
		return
	}
	if c.words == nil {
		c.words = map[string]bool{}
	}
	c.words[strings.Trim(string(raw), `"`)] = true
	c.many = len(c.words) > mostWords || len(raw) > 20
}

// beside notes what is beside the rows, in the value and one member deep.
func (o *rows) beside(ms []member) {
	for _, m := range ms {
		if m.name == o.within {
			continue
		}
		inner, ok := members(m.raw)
		if !ok {
			o.mark(m.name, m.raw)
			continue
		}
		for _, n := range inner {
			o.mark(m.name+"."+n.name, n.raw)
		}
	}
}

func (o *rows) mark(path string, raw []byte) {
	i := slices.IndexFunc(o.markers, func(c *column) bool { return c.name == path })
	if i < 0 {
		if i = len(o.markers); i == mostMarkers {
			return // no envelope has so many members
		}
		o.markers = append(o.markers, &column{name: path})
	}
	o.markers[i].remember(raw, lookOf(raw))
}

var (
	dottedName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
	flagNames  = []string{"deleted", "is_deleted", "isdeleted", "_deleted", "__deleted", "tombstone"}
	goneWords  = []string{"d", "del", "delete", "deleted", "remove", "removed"}
	otherWords = []string{"i", "c", "r", "u", "insert", "inserted", "create", "created", "read", "load", "snapshot", "refresh", "update", "updated", "upsert", "modify", "replace"}
)

// deletion returns the condition under which a record would delete its row, by what a column
// holds: operations of which one is a deletion, or a flag of that name. Truth is compared as
// the column's type does it, or as text beside the rows.
func (c *column) deletion(truth string) string {
	if c.many || len(c.words) == 0 || !dottedName.MatchString(c.name) {
		return ""
	}
	last := strings.ToLower(c.name[strings.LastIndexByte(c.name, '.')+1:])
	if slices.Contains(flagNames, last) && !slices.ContainsFunc(slices.Collect(maps.Keys(c.words)), func(w string) bool { return w != "true" && w != "false" }) {
		return c.name + " = " + truth
	}
	var gone []string
	for _, word := range slices.Sorted(maps.Keys(c.words)) {
		switch lower := strings.ToLower(word); {
		case slices.Contains(goneWords, lower):
			gone = append(gone, "'"+word+"'")
		case !slices.Contains(otherWords, lower):
			return ""
		}
	}
	switch len(gone) {
	case 0:
		return ""
	case 1:
		return c.name + " = " + gone[0]
	}
	return c.name + " IN (" + strings.Join(gone, ", ") + ")"
}

// deletions declares what deletes rows, where it is beside them, and asks where it is a
// column of theirs, which may as well be a row's own word.
func (p *Proposal) deletions(rows *rows) {
	if rows.format != tables.UpsertJSON {
		return
	}
	for _, c := range rows.markers {
		if found := c.deletion("'true'"); found != "" && p.compiles(found) {
			p.Table.Source.DeleteWhen = found
			return
		}
	}
	for _, c := range rows.columns {
		if slices.Contains(p.Table.Key, c.name) {
			continue
		}
		truth := "true"
		if c.seen[lookText] > 0 {
			truth = "'true'"
		}
		if found := c.deletion(truth); found != "" && p.compiles(found) {
			p.deleteWhen = found
			return
		}
	}
}

// compiles reports whether the table takes the condition.
func (p *Proposal) compiles(condition string) bool {
	t := *p.Table
	t.Source.DeleteWhen = condition
	_, _, err := filter.CompileDeletion(&t)
	return err == nil
}
