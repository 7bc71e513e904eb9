package outrun

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// Rows is the writer of the partition's rows.
type Rows interface {
	Delete(key string, d *rowwriter.Deletion, ack func(error)) error
}

// Producer sends records with an explicit partition, and reports each acknowledgement.
type Producer interface {
	Send(rec *kgo.Record, sent func(rec *kgo.Record, err error))
}

// Options of a partition, for one run.
type Options struct {
	Topic      string // of control records
	Partition  int32
	Partitions int32
	// Several says that other partitions may have something of a key, too.
	Several bool
	// Filled reports whether the rows are the table's, and not an older generation's in part.
	Filled func() bool

	Named    *Named // by views of this process
	Rows     Rows
	Producer Producer
	// Again writes the tombstone of a key's deletion once more.
	Again func(key string, t state.Tomb, acks *rowwriter.Acks) error
	// Made is the partition's newest batch, and Asked the newest that is to be made.
	Made, Asked func() uint64
	// Whole reports whether the state is all that the source says, where a control record was
	// read before the given source offset.
	Whole func(fed int64) bool
	// Alive is why nothing is to be written any more.
	Alive func() error
	// Unreadable is called for a request that cannot be read.
	Unreadable func(at int64, err error)
	Clock      func() time.Time
	Events     *events.Listener
	Count      prometheus.Counter // rows that are given up
}

// Outruns asks for rows to be given up, and gives them up.
type Outruns struct {
	Options
	state *state.Store
}

// New makes what the goroutine that folds uses.
func New(o Options) *Outruns { return &Outruns{Options: o} }

// Begin takes the state, once it is recovered.
func (o *Outruns) Begin(s *state.Store) { o.state = s }

// Register has requests and what views have named dealt with.
func (o *Outruns) Register(b *bus.Bus) {
	b.Handle(wire.GiveUp, o.giveUp)
	b.On(bus.Outrun, o.askOthers)
}

// may reports whether rows are given up at all.
func (o *Outruns) may() bool { return o.Several && o.Filled() && !o.Named.kept.Load() }
