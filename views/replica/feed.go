package replica

import (
	"errors"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/views/changelog"
	"github.com/tidemark/tidemark/views/events"
)

// Feed hands the records of all partitions to the one writer.
type Feed struct {
	in          chan<- item
	done        <-chan struct{}
	fingerprint uint32
	columns     int
	rooms       []arena // per partition, each of which has a goroutine of its own
	from        func(partition int32) int64
	leaveOut    func(events.RecordUnreadable)
}

var errOver = errors.New("the replica is over")

// Resume implements changelog.Sink.
func (f *Feed) Resume(partition int32) int64 { return f.from(partition) }

// Take implements changelog.Sink.
func (f *Feed) Take(rec changelog.Record) error {
	it, err := reading(rec, f.fingerprint, f.columns, &f.rooms[rec.Partition])
	if err != nil {
		f.leaveOut(events.RecordUnreadable{What: "changelog record", Partition: rec.Partition, Offset: rec.Offset, Err: err})
	}
	return f.send(it)
}

// Skip implements changelog.Sink.
func (f *Feed) Skip(partition int32, next int64) error {
	return f.send(item{partition: partition, offset: next - 1, source: -1})
}

// Progress passes on what a processor says about a partition.
func (f *Feed) Progress(p wire.Progress) error {
	return f.send(item{partition: p.Partition, offset: -1, source: -1, progress: &p})
}

func (f *Feed) send(it item) error {
	select {
	case f.in <- it:
		return nil
	case <-f.done:
		return errOver
	}
}

// Nudge has the writer look where it is, unless it has something to do anyway.
func (f *Feed) Nudge() {
	select {
	case f.in <- item{offset: -1, source: -1}:
	default:
	}
}
