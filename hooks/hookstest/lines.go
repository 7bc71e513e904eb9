package hookstest

import (
	"reflect"
	"testing"

	"github.com/tidemark/tidemark/hooks"
)

// CheckLines looks at the line of every kind of event that a listener has a func for. Given are
// the kinds whose message is a field of theirs.
func CheckLines[L any](t *testing.T, given map[string]bool) {
	t.Helper()
	kinds := reflect.TypeFor[L]()
	if kinds.NumField() == 0 {
		t.Fatalf("%s has no kind of event", kinds)
	}
	for i := range kinds.NumField() {
		f := kinds.Field(i)
		event := f.Type.In(0)
		if event.Name() != f.Name {
			t.Errorf("%s is told of %s: a func has the name of its event", f.Name, event.Name())
		}
		l := reflect.Zero(event).Interface().(hooks.Event).Line()
		if l.Message == "" && !given[f.Name] {
			t.Errorf("%s has no message", f.Name)
		}
		if len(l.Attrs)%2 != 0 {
			t.Errorf("%s: %d attributes, which are no pairs", f.Name, len(l.Attrs))
		}
		for n := 0; n < len(l.Attrs); n += 2 {
			if name, ok := l.Attrs[n].(string); !ok || name == "" {
				t.Errorf("%s: %v is no attribute's name", f.Name, l.Attrs[n])
			}
		}
	}
}
