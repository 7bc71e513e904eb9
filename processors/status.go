package processors

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/repartition"
)

// Status is a processor's state as of now.
type Status struct {
	Table string
	// Err is why the table is not processed: it waits for the source topic, or
	// refuses to go on with one that has changed. Nil when all is well.
	Err        error
	Partitions []PartitionStatus // those owned by this process, in order
	// Repartitioned is the progress of the partitions of the source whose records this process
	// repartitions by their keys; empty where they are read as they are.
	Repartitioned []repartition.Status
}

// PartitionStatus is the state of one partition that this process owns.
type PartitionStatus struct {
	Partition int32
	Running   bool  // recovered, and processing
	Source    int64 // next source offset; everything before it is done
	Changelog int64 // next changelog offset after what is acknowledged
	// Err is why it does not run, or the last failure: a *PartitionerError when the
	// partition is refused until the configuration is changed.
	Err error
	// Seed is how far the partition's filling is, for a generation that is filled;
	// nil without a plan. A *seed.ValueError or *seed.UnfitError in Err ends it.
	Seed *wire.Bootstrap
	// Waiting is what the partition waits for to go on with its next record, such as a
	// schema registry that is away; nil when it does not wait.
	Waiting error
	// Health is what is counted of the partition, and what is wrong with it.
	Health wire.Health
	// Lost has the records that were removed before they were processed; nil when none were.
	Lost *LostRecordsError
}

// statuses collects what the parts of a processor have to say.
type statuses struct {
	mu         sync.Mutex
	table      string
	err        error
	waits      error // why its partitions are not asked for
	partitions map[int32]*PartitionStatus
}

func newStatuses(table string) *statuses {
	return &statuses{table: table, partitions: map[int32]*PartitionStatus{}}
}

func (s *statuses) get() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Status{Table: s.table, Err: cmp.Or(s.err, s.waits)}
	for _, p := range slices.Sorted(maps.Keys(s.partitions)) {
		out.Partitions = append(out.Partitions, *s.partitions[p])
	}
	return out
}

// whole sets why the whole table is not processed.
func (s *statuses) whole(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// waitsForOthers sets why the partitions are not asked for; nil when they are.
func (s *statuses) waitsForOthers(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = err
}

func (s *statuses) change(partition int32, f func(*PartitionStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[partition]
	if p == nil {
		p = &PartitionStatus{Partition: partition}
		s.partitions[partition] = p
	}
	f(p)
}

func (s *statuses) running(partition int32) {
	s.change(partition, func(p *PartitionStatus) { p.Running, p.Err = true, nil })
}

func (s *statuses) failed(partition int32, err error) {
	s.change(partition, func(p *PartitionStatus) { p.Running, p.Err = false, err })
}

func (s *statuses) waiting(partition int32, err error) {
	s.change(partition, func(p *PartitionStatus) { p.Waiting = err })
}

func (s *statuses) lost(partition int32, err *LostRecordsError) {
	s.change(partition, func(p *PartitionStatus) { p.Lost = err })
}

func (s *statuses) healthy(partition int32, h wire.Health) {
	s.change(partition, func(p *PartitionStatus) { p.Health = h })
}

func (s *statuses) reached(partition int32, source, changelog int64) {
	s.change(partition, func(p *PartitionStatus) { p.Source, p.Changelog = source, changelog })
}

func (s *statuses) released(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.partitions, partition)
}

// owns reports whether the partition is processed here.
func (s *statuses) owns(partition int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[partition]
	return p != nil && p.Running
}
