package views

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/store"
)

// Logs is what the tables of a process know together of their databases' logs.
type Logs = progress.Logs

// NewLogs returns logs of which nothing is known yet.
func NewLogs() *Logs { return progress.NewLogs() }

// Options say what a View shows and where it keeps it.
type Options struct {
	Table *tables.Table  // required; validated
	Kafka kafka.Settings // required
	// Pool has the clients that the tables of a process share. Default: one of its own.
	Pool *logread.Pool
	// Dir is the data directory of the process; the view's files are in
	// <Dir>/<table>/view, with the generation's number behind the table's name when it
	// is not the first. Required.
	Dir string
	// Databases is what the rows on disk share with the other databases of the process. Default: nothing.
	Databases  *localdb.Shared
	Logger     *slog.Logger          // default: none
	Events     *events.Listener      // is notified of what is logged; optional
	Registerer prometheus.Registerer // default: none
	Clock      func() time.Time      // default: time.Now

	// Logs are what this and other tables of the process know of their databases' logs.
	// Default: nothing is known of other tables.
	Logs *Logs

	// Seeded says that the table's generation is filled from an older one: the view is
	// not ready before the processors have reported every partition as ready.
	Seeded bool

	// Disputed, if given, is notified of a batch that the changelog differs from: the processors
	// that made it have a wrong state. It must not wait.
	Disputed func(batch uint64)

	// Outrun, if given, is notified of keys that several partitions have something of, where it is
	// settled which has the latest change: the processors see to it that the others give
	// their rows up. It must not wait. Keys are named again for as long as there are such rows.
	Outrun func([]wire.DuplicateKey)
	// OutrunEvery is the time between two rounds, which each name a bounded number of
	// keys. Default 2 s.
	OutrunEvery time.Duration

	// PollEvery is how often the ends of the source topic and the changelog are
	// asked for. Default 500 ms.
	PollEvery time.Duration
	// WatchEvery is how often it is asked whether the topics are still the same
	// ones. Default 5 s.
	WatchEvery time.Duration
	// Pins and PinFor bound the snapshots that are kept for cursors, by number and
	// by the time since they were last used. Default 256 and 5 minutes.
	Pins   int
	PinFor time.Duration
	// PinBytes bounds what they keep in memory beside the newest rows; where it is less than
	// these take, so much.
	PinBytes int64
	// CompactAfter is how many changes the store keeps apart from its base, without a
	// batch; the store's own default when 0. A batch whose cut lies further back is
	// loaded from the snapshot topic.
	CompactAfter int
	// TwoBases, if given, is called when a merge begins during which two large bases of the
	// rows are in memory; what it returns is called once the old one is gone.
	TwoBases func() (end func())
}

// Defaults of the options.
const (
	defaultPollEvery  = 500 * time.Millisecond
	defaultWatchEvery = 5 * time.Second
	defaultOutrun     = 2 * time.Second
	defaultPins       = 256
	defaultPinBytes   = 256 << 20
	defaultPinFor     = 5 * time.Minute
)

// Validate fills in the defaults and returns what is missing or impossible.
func (o *Options) Validate() error {
	var errs []error
	if o.Table == nil {
		errs = append(errs, errors.New("no Table is given"))
	}
	if o.Dir == "" {
		errs = append(errs, errors.New("no Dir is given"))
	}
	if err := o.Kafka.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("option Kafka: %w", err))
	}
	if o.PollEvery < 0 || o.WatchEvery < 0 || o.OutrunEvery < 0 || o.Pins < 0 || o.PinBytes < 0 || o.PinFor < 0 || o.CompactAfter < 0 {
		errs = append(errs, errors.New("one of PollEvery, WatchEvery, OutrunEvery, Pins, PinBytes, PinFor and CompactAfter is negative"))
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.PollEvery = orDefault(o.PollEvery, defaultPollEvery)
	o.WatchEvery = orDefault(o.WatchEvery, defaultWatchEvery)
	o.OutrunEvery = orDefault(o.OutrunEvery, defaultOutrun)
	o.PinFor = orDefault(o.PinFor, defaultPinFor)
	o.Pins = orDefault(o.Pins, defaultPins)
	o.PinBytes = orDefault(o.PinBytes, defaultPinBytes)
	return errors.Join(errs...)
}

// log returns the log of a view.
func (o *Options) log() *slog.Logger {
	return o.Logger.With("component", "view", "table", o.Table.Name)
}

// storeOptions returns what the stores of the table and of its rollups have in common.
func (o *Options) storeOptions(of *tables.Table) store.Options {
	told := events.Tee(events.Log(o.Logger.With("component", "store", "table", of.Name)), o.Events)
	return store.Options{Table: of, Events: told, TwoBases: o.TwoBases}
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
