package repartition

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Options say what a Repartitioner works on. All but the last three must be given.
type Options struct {
	Table    *tables.Table
	Kafka    kafka.Settings
	Source   kafka.Topic // as it is; its partitions may become more, see Repartitioner.Grow
	Keyed    kafka.Topic // the topic by keys
	Start    seed.Start  // where the source is read from when it has not been
	Progress kafka.Topic // of the records of how far it is
	// NewSplitter makes a splitter; each partition has its own.
	NewSplitter func() (cdc.Splitter, error)
	// Skipped is called with the reason for every event that concerns no row.
	Skipped func(reason string)
	// Lost is called for records that the source no longer had when they were to be read.
	Lost func(partition int32, next, start int64)

	Events     *events.Listener      // default none
	Registerer prometheus.Registerer // default none
	Clock      func() time.Time      // default time.Now
}

// Validate says what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Table == nil || o.NewSplitter == nil || o.Skipped == nil || o.Lost == nil {
		errs = append(errs, errors.New("options Table, NewSplitter, Skipped and Lost: all are needed"))
	}
	if o.Source.Partitions < 1 || o.Keyed.Partitions < 1 || o.Progress.Partitions < 1 {
		errs = append(errs, errors.New("options Source, Keyed and Progress: a topic without partitions"))
	}
	return errors.Join(append(errs, o.Kafka.Validate())...)
}

func (o *Options) defaults() {
	if o.Clock == nil {
		o.Clock = time.Now
	}
}
