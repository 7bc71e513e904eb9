package bus

import (
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
)

// Options of a Bus.
type Options struct {
	// Finish notes that the record at an offset of the control topic needs no repetition.
	Finish func(at int64) error
	// Unreadable is called for a record that cannot be read.
	Unreadable func(at int64, err error)
	// Begin runs f in the background, while the run lasts.
	Begin func(f func()) bool
	// Fail ends the run.
	Fail func(error)
}

// Bus knows who deals with which records and events, for one run of a partition.
type Bus struct {
	opts    Options
	records map[wire.ControlKind]registered
	events  map[EventKind]EventHandler
}

type registered struct {
	handle Handler
	held   bool
}

// New returns a bus without handlers.
func New(o Options) *Bus {
	return &Bus{opts: o, records: map[wire.ControlKind]registered{}, events: map[EventKind]EventHandler{}}
}

// Handle has records of a kind dealt with. Their message is over before the handler is called:
// what follows of it goes on while messages do.
func (b *Bus) Handle(kind wire.ControlKind, h Handler) { b.records[kind] = registered{handle: h} }

// HandleHeld is Handle for records whose message is over when the handler says so (Done.Release):
// goka waits for it when a run ends.
func (b *Bus) HandleHeld(kind wire.ControlKind, h Handler) {
	b.records[kind] = registered{handle: h, held: true}
}

// On has events of a kind dealt with.
func (b *Bus) On(kind EventKind, h EventHandler) { b.events[kind] = h }

// Record deals with a control record: its offset, the next source offset when it was read,
// its bytes, and what ends its message.
func (b *Bus) Record(at, fed int64, value []byte, release func(error)) error {
	c, err := wire.ParseControl(value)
	if err != nil {
		b.opts.Unreadable(at, err)
	}
	to, known := b.records[c.Kind]
	if err != nil || !known || !to.held {
		release(nil)
	}
	if err != nil || !known { // for others than us
		return b.opts.Finish(at)
	}
	return to.handle(Record{Control: c, At: at, Fed: fed}, Done{bus: b, at: at, release: release})
}

// Event deals with an event that a message has brought.
func (b *Bus) Event(offset int64, key string, message Deferrer) error {
	e, err := parseEvent(offset, key)
	if err != nil {
		return err
	}
	e.Message = message
	h := b.events[e.Kind]
	if h == nil {
		return fmt.Errorf("event of kind %d: nobody deals with it", e.Kind)
	}
	return h(e)
}
