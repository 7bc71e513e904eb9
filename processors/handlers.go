package processors

import "github.com/tidemark/tidemark/processors/bus"

// newBus makes the bus of the run, with all who deal with control records and events.
func (r *run) newBus() *bus.Bus {
	b := bus.New(bus.Options{
		Finish:     func(offset int64) error { return r.store.SetControl(r.feeder.Controls().Finish(offset)) },
		Unreadable: func(at int64, err error) { r.noteUnreadable(r.names.Batch, at, err) },
		Begin:      r.goBackground,
		Fail:       r.stop,
	})
	r.cutter.Register(b)
	r.truncates.Register(b)
	r.giving.Register(b)
	r.asker.Register(b)
	r.answerer.Register(b)
	r.filling.Register(b)
	r.newRetrier().Register(b)
	b.On(bus.Repair, r.applier.Repair)
	r.redelivery.Register(b)
	return b
}
