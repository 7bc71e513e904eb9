package processors

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/avro"
	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/localdb"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Options say what a processor works on. Table, Kafka and Dir must be given.
type Options struct {
	Table *tables.Table
	Kafka kafka.Settings
	// Pool has the clients that the tables of a process share. Default: one of its own.
	Pool *logread.Pool
	// Dir holds the local state: one directory per partition below it.
	Dir string
	// NewDecoder makes a decoder; each partition has its own. Default: the one of the table's format.
	NewDecoder func() (cdc.Decoder, error)
	// NewSplitter makes what finds the keys of the source's records, where they are repartitioned
	// by them. Default: the one of the table's format.
	NewSplitter func() (cdc.Splitter, error)
	// Schemas is where the schemas of Avro records come from; other formats need none.
	Schemas    avro.Schemas
	Logger     *slog.Logger          // default discards
	Events     *events.Listener      // has what is logged as calls; optional
	Registerer prometheus.Registerer // default none
	Clock      func() time.Time      // default time.Now

	// MaxPending and MaxPendingBytes bound what a partition has read and not
	// finished. Default 16,384 records and 32 MiB.
	MaxPending      int
	MaxPendingBytes int
	// EmitBytes bounds what a batch has on the way to the snapshot topic; it paces the
	// emission. Default 1 MiB.
	EmitBytes int
	// StateMaxAge is the age from which a local state is not trusted: tombstones may
	// have been removed meanwhile. Default six days, below the topics' seven.
	StateMaxAge time.Duration
	// KeepDeletions is how long deletions are remembered, by the time of their source
	// records: so long an event that the source sends twice, or a dead letter that is
	// tried again, cannot bring a deleted row back. Default six days.
	KeepDeletions time.Duration
	// ImageWait bounds how long a partition reads nothing behind a change of primary
	// key that lacks values, while it asks the others for the old key's row. Default 10 s.
	ImageWait time.Duration
	// Databases is what the local states share with the other databases of the process. Default: nothing.
	Databases *localdb.Shared
	// WriteBuffer is LevelDB's, per partition, in bytes, where Databases leave so much. Default 8 MiB.
	WriteBuffer int
	// Uncompressed leaves the local state uncompressed: a tenth less CPU time, two to three times the disk.
	Uncompressed bool
	// Membership is the process's part in the group, which its tables share. Default: one of the table's own, as the
	// options below say, which are of no use beside it.
	Membership     *Membership
	NoLease        bool
	Peers          string
	SessionTimeout time.Duration
	Linger         time.Duration
	// Seed fills this generation of the table from the one before it. Nil begins with
	// the source's first record, or goes on. It stays given for as long as the
	// generation lives: partitions that are filled take no notice of it.
	Seed *seed.Plan
	// WatchEvery is how often the source topic is looked at. Default 5 s.
	WatchEvery time.Duration
}

// Validate says what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Table == nil {
		errs = append(errs, errors.New("option Table: none is given"))
	}
	if o.Dir == "" {
		errs = append(errs, errors.New("option Dir: none is given"))
	}
	own := o.ownMembership()
	if err := own.Validate(); err != nil {
		errs = append(errs, err)
	}
	if o.Seed != nil && o.Table != nil {
		if err := o.Seed.Validate(o.Table); err != nil {
			errs = append(errs, fmt.Errorf("option Seed: %w", err))
		}
	}
	for name, v := range map[string]int{
		"MaxPending": o.MaxPending, "MaxPendingBytes": o.MaxPendingBytes, "EmitBytes": o.EmitBytes, "WriteBuffer": o.WriteBuffer,
	} {
		if v < 0 {
			errs = append(errs, fmt.Errorf("option %s: %d, want a positive number", name, v))
		}
	}
	return errors.Join(errs...)
}

func (o *Options) defaults() {
	if o.NewDecoder == nil {
		t, more := o.Table, cdc.Options{Schemas: o.Schemas}
		o.NewDecoder = func() (cdc.Decoder, error) { return cdc.NewDecoder(t, more) }
	}
	if o.NewSplitter == nil {
		t, more := o.Table, cdc.Options{Schemas: o.Schemas}
		o.NewSplitter = func() (cdc.Splitter, error) { return cdc.NewSplitter(t, more) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	positive(&o.MaxPending, 16_384)
	positive(&o.MaxPendingBytes, 32<<20)
	positive(&o.EmitBytes, 1<<20)
	positive(&o.WriteBuffer, 8<<20)
	if o.StateMaxAge <= 0 {
		o.StateMaxAge = kafka.TombstoneRetention - 24*time.Hour
	}
	if o.KeepDeletions <= 0 {
		o.KeepDeletions = kafka.TombstoneRetention - 24*time.Hour
	}
	if o.ImageWait <= 0 {
		o.ImageWait = 10 * time.Second
	}
	if o.WatchEvery <= 0 {
		o.WatchEvery = 5 * time.Second
	}
}

func positive(v *int, otherwise int) {
	if *v <= 0 {
		*v = otherwise
	}
}
