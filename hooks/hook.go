package hooks

// Event is something that happened. Its line is the only text that is made of it.
type Event interface{ Line() Line }

// On is what is called when an event of one kind happens, on the goroutine that it happens on:
// it must return soon, and must not call back.
type On[E Event] func(E)

// hook is a pointer to an On, whatever its kind of event.
type hook interface {
	ignore()
	tell(fn func(Event))
	tee(a, b hook)
	alter(from hook, change func(event any))
}

// ignore gives a hook that is nil a func that does nothing.
func (on *On[E]) ignore() {
	if *on == nil {
		*on = func(E) {}
	}
}

// tell makes the hook call a func of all kinds.
func (on *On[E]) tell(fn func(Event)) { *on = func(e E) { fn(e) } }

// tee makes the hook call two others of its kind, one after the other.
func (on *On[E]) tee(a, b hook) {
	first, second := *a.(*On[E]), *b.(*On[E])
	switch {
	case first == nil:
		*on = second
	case second == nil:
		*on = first
	default:
		*on = func(e E) {
			first(e)
			second(e)
		}
	}
}

// alter makes the hook call another one of its kind with a changed event.
func (on *On[E]) alter(from hook, change func(event any)) {
	inner := *from.(*On[E])
	if inner == nil {
		return
	}
	*on = func(e E) {
		change(&e)
		inner(e)
	}
}
