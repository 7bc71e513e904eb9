package bus

import "github.com/tidemark/tidemark/codecs/wire"

// Record is a control record with its offset in the control topic.
type Record struct {
	wire.Control
	At  int64 // its offset in the control topic
	Fed int64 // the next source offset when it was read: the changes before it are handled
}

// Handler deals with a control record. It says through done that the record needs no
// repetition; until then, the next run is given it again. An error ends the run.
type Handler func(r Record, done Done) error

// Done says of a record that it needs no repetition.
type Done struct {
	bus     *Bus
	at      int64
	release func(error)
}

// Now notes it at once. It may wait for the disk.
func (d Done) Now() error { return d.bus.opts.Finish(d.at) }

// When notes it in the background, or ends the run with an error. Acknowledgements may call it: it does not wait.
func (d Done) When(err error) {
	if err != nil {
		d.bus.opts.Fail(err)
		return
	}
	d.bus.opts.Begin(func() {
		if err := d.Now(); err != nil {
			d.bus.opts.Fail(err)
		}
	})
}

// Release ends the message of a record that is held (Bus.HandleHeld). It is called exactly once.
func (d Done) Release(err error) { d.release(err) }
