package rowwriter

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/state"
)

// Producer sends records to topics of ours, with an explicit partition. It calls sent once
// for each record, in the order of the records of a partition.
type Producer interface {
	Send(rec *kgo.Record, sent func(rec *kgo.Record, err error))
}

// Options of a Writer.
type Options struct {
	Producer  Producer
	Topic     string // the changelog
	Partition int32
	// Stamp has the writer's generation and instance; each record has an offset of its own.
	Stamp wire.Stamp
	// Marks says that there is a batch, so that rows need a dirty mark.
	Marks bool
	// KeptFrom is the time from which on a deletion is kept that was read at the given one.
	// Without it that is the same.
	KeptFrom func(read int64) int64
	// Broken is called with the first failure, by the goroutine that has met it.
	Broken func(error)
}

// Writer writes the rows of a partition, for one run.
type Writer struct {
	opts   Options
	log    log
	state  *state.Store
	marks  bool
	whole  int64 // records of earlier source offsets are written again, and not all of them
	pieces arena
}

// New makes a writer. Before it can write rows it needs a state and the changelog's end.
func New(o Options) *Writer {
	w := &Writer{opts: o, marks: o.Marks}
	w.log.topic, w.log.partition, w.log.broken = o.Topic, o.Partition, o.Broken
	w.log.stamped, w.log.applied = state.Unknown, func(int64) {}
	return w
}

// Open takes the state that rows are written to. It is given the position of every
// acknowledged record.
func (w *Writer) Open(s *state.Store) { w.state, w.log.applied = s, s.SetPosition }

// StartAt notes the changelog's end that recovery reached.
func (w *Writer) StartAt(end int64) { w.log.startAt(end) }

// Mark has rows get a dirty mark from here on: there is a batch that they are not in.
func (w *Writer) Mark() { w.marks = true }

// Mend says that the state may be ahead of the changelog up to a source offset: records of
// earlier offsets say so.
func (w *Writer) Mend(until int64) { w.whole = until }

// Put writes a row. The bytes are not changed any more.
func (w *Writer) Put(key string, row []byte, from state.Origin, ack func(error)) error {
	if err := w.state.Put(key, row, from, w.marks); err != nil {
		ack(err)
		return err
	}
	w.Append(Record{Key: key, Value: row, Offset: from.Offset}, ack)
	return nil
}

// Deletion is what is written of a deletion.
type Deletion struct {
	// Says is the deletion as the tombstone has it.
	Says wire.Deletion
	// From is where it comes from. Its offset is the record's stamp.
	From state.Origin
	// Offset is the source offset under which the state keeps it.
	Offset int64
	// BeforeImage is the last row, where the key became another one.
	BeforeImage []byte
}

// Delete writes a deletion.
func (w *Writer) Delete(key string, d *Deletion, ack func(error)) error {
	says := w.Keep(wire.AppendDeletion(w.Room(deletionRoom+len(d.Says.NewKey)), &d.Says))
	read := d.Says.Read
	if w.opts.KeptFrom != nil {
		read = w.opts.KeptFrom(read)
	}
	t := state.Tomb{Offset: d.Offset, Read: read, Brief: d.Says.Truncate, Deletion: says}
	if err := w.state.Delete(key, t, d.From); err != nil {
		ack(err)
		return err
	}
	w.Append(Record{Key: key, Offset: d.From.Offset, Says: says, BeforeImage: d.BeforeImage}, ack)
	return nil
}

// deletionRoom is what a deletion takes without its new key, at most.
const deletionRoom = 80

// Room returns memory to append a row to.
func (w *Writer) Room(atLeast int) []byte { return w.pieces.begin(atLeast) }

// Keep takes over what was appended to it; what is not kept is used again.
func (w *Writer) Keep(b []byte) []byte { return w.pieces.keep(b) }

// Boundary calls tell once everything sent so far is acknowledged, with the next
// changelog offset at that point. Later records do not count: acknowledgements
// come in order, and tell is called before the next one is taken.
func (w *Writer) Boundary(tell func(next int64, err error)) { w.log.boundary(tell) }

// Progress returns the next changelog offset after what is acknowledged, and the
// source offset of the newest acknowledged record, or state.Unknown.
func (w *Writer) Progress() (next, stamped int64) { return w.log.progress() }
