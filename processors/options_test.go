package processors

import "testing"

// A changelog record leaves at once unless the options say otherwise.
func TestTheChangelogDoesNotLinger(t *testing.T) {
	o := Options{}
	o.defaults()
	if o.Linger != 0 {
		t.Errorf("the producer lingers for %v, want not at all", o.Linger)
	}
}
