package processors

import "fmt"

// control deals with a control record.
func (r *run) control(offset int64, value []byte, done func(error)) error {
	e := r.feeder.Controls().Take(offset)
	if e == nil {
		done(nil)
		return fmt.Errorf("control record %d was fed to goka but is not in the queue", offset)
	}
	return r.bus.Record(offset, e.Cut, value, done)
}

// cutAt is the next source offset that the state does not have: the record that waits
// for other partitions, when there is one.
func (r *run) cutAt(fed int64) int64 {
	if offset, waits := r.asker.Waits(); waits {
		return offset
	}
	if offset, waits := r.truncates.Waits(); waits {
		return offset
	}
	return fed
}

// controlDone notes that a control record needs no repetition.
func (r *run) controlDone(offset int64) error {
	return r.store.SetControl(r.feeder.Controls().Finish(offset))
}
