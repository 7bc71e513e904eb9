package keychange

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/state"
)

// Options of a partition's changes of key, for one run.
type Options struct {
	Topic       string // of control records
	Partition   int32
	Partitions  int32
	Fingerprint uint32        // of the table's columns
	Columns     int           // how many there are
	Wait        time.Duration // how long an insert waits for the others at most

	// Send writes a control record; ack is called with its acknowledgement.
	Send  func(rec kgo.Record, ack func(error))
	End   func() (int64, error) // of the source partition, now
	Clock func() time.Time
	// UntilOver has done called with an error when the run is over first.
	UntilOver func(done func(error)) func(error)
	// ReadAgain has the insert at a source offset read once more and folded with its before-image, which has
	// come late.
	ReadAgain func(offset int64, image []byte, done bus.Done)
	// Look has the feeder look at Answerer.Due.
	Look    func()
	Fail    func(error) // ends the run
	Events  *events.Listener
	Metrics Metrics
}

// New makes both sides of a partition. They know of no request before Begin.
func New(o Options) (*BeforeImages, *Asker, *Answerer) {
	beforeImages := &BeforeImages{opts: &o}
	answerer := &Answerer{
		Options: &o, beforeImages: beforeImages, open: map[pair][]*request{}, ages: ages{}, ends: newEnds(),
	}
	asker := &Asker{Options: &o, answerer: answerer}
	answerer.asker = asker
	return beforeImages, asker, answerer
}

// Begin takes up what an earlier run was asked.
func (a *Answerer) Begin(s *state.Store) error {
	a.state, a.asker.state = s, s
	return a.load()
}
