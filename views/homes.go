package views

import (
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/topics"
)

// severalHomes reports whether a key can have several: not where its records are placed
// by what it is, and not where there is one partition.
func (v *View) severalHomes(env topics.Set) bool {
	return env.Changelog.Partitions > 1 && !v.o.Table.Rekeyed()
}

// homes are those of the session that readers see; none when there is no session.
func (v *View) homes() *duplicates.Keys {
	if s := v.current.Load(); s != nil {
		return s.homes
	}
	return duplicates.NewKeys(false)
}
