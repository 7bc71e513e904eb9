package views

import (
	"github.com/tidemark/tidemark/views/duplicates"
)

// homes are those of the session that readers see; none when there is no session.
func (v *View) homes() *duplicates.Keys {
	if s := v.current.Load(); s != nil {
		return s.Keys()
	}
	return duplicates.NewKeys(false)
}
