package hooks

import "reflect"

// A listener is a struct whose fields are all of type On. The functions here work on any.

// EnsureDefaults gives each field that is nil a func that does nothing, so that all can be
// called, and returns the listener: a new one for nil.
func EnsureDefaults[L any](l *L) *L {
	if l == nil {
		l = new(L)
	}
	for _, h := range hooksOf(l) {
		h.ignore()
	}
	return l
}

// Tee returns a listener that calls all those that are given, in their order. Nil ones are
// passed over. Of a kind that nobody listens to its field is nil.
func Tee[L any](all ...*L) *L {
	out := new(L)
	for _, l := range all {
		if l == nil {
			continue
		}
		before := *out
		into, a, b := hooksOf(out), hooksOf(&before), hooksOf(l)
		for i := range into {
			into[i].tee(a[i], b[i])
		}
	}
	return out
}

// Each returns a listener that calls one func for events of every kind.
func Each[L any](fn func(Event)) *L {
	out := new(L)
	for _, h := range hooksOf(out) {
		h.tell(fn)
	}
	return out
}

// Alter returns a listener that hands events on to another one after a func was called with a
// pointer to them.
func Alter[L any](l *L, change func(event any)) *L {
	out := new(L)
	into, from := hooksOf(out), hooksOf(l)
	for i := range into {
		into[i].alter(from[i], change)
	}
	return out
}

// hooksOf returns the fields of a listener.
func hooksOf(l any) []hook {
	v := reflect.ValueOf(l).Elem()
	out := make([]hook, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Addr().Interface().(hook)
	}
	return out
}
